import type { Lab } from "../api/lab.ts";

/** What a command writes to: a terminal, a pipe or a file. */
export interface Output {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command reads from. */
export interface Input extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface ServeOptions {
  /** 0 for one that is free. */
  readonly port: number;
  /** Show the page in this machine's browser. */
  readonly open: boolean;
}

/** Everything a command touches. Handed in, so that tests can look at all of it. */
export interface Context {
  readonly lab: Lab;
  /** Serves the page until it is stopped. */
  readonly serve: (options: ServeOptions, surroundings: Pick<Context, "stderr" | "signal">) => Promise<void>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Exit codes, as `git bisect run` reads them. */
export const exitCodes = {
  pass: 0,
  fail: 1,
  /** The command makes no sense: nothing was judged, and to a bisection 2 would mean a bad kernel. */
  usage: 125,
  lost: 3,
  /** The kernel or this machine cannot run it: a bisection skips it. */
  invalid: 125,
  /** Ended by Ctrl-C, as a shell reports it; a bisection stops. */
  interrupted: 130,
} as const;
