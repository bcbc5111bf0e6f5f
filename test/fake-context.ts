import type { Lab } from "../src/api/lab.ts";
import type { Context, ServeOptions } from "../src/cli/context.ts";
import { fakeLab } from "./fake-lab.ts";

export interface FakeContext extends Context {
  /** Everything written so far. */
  out(): string;
  err(): string;
  readonly rawModes: boolean[];
  /** What the page was to be served with. */
  readonly served: ServeOptions[];
  interrupt(): void;
}

export interface FakeContextOptions {
  readonly lab?: Lab;
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly environment?: Record<string, string>;
  /** What the person types or pipes in. A terminal goes on waiting after it, a pipe ends. */
  readonly input?: readonly string[];
}

/** A command's surroundings in memory. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const { lab = fakeLab(), terminal = false, columns = 80, environment = {}, input = [] } = options;
  const written: [string[], string[]] = [[], []];
  const rawModes: boolean[] = [];
  const served: ServeOptions[] = [];
  const controller = new AbortController();
  const decoder = new TextDecoder();
  const output = (into: string[]) => ({
    isTTY: terminal,
    columns,
    write: (text: string | Uint8Array) => into.push(typeof text === "string" ? text : decoder.decode(text)),
  });
  return {
    lab,
    serve: async (asked) => void served.push(asked),
    served,
    stdin: { isTTY: terminal, setRawMode: (raw) => rawModes.push(raw), [Symbol.asyncIterator]: () => typing(input, terminal) },
    stdout: output(written[0]),
    stderr: output(written[1]),
    environment,
    signal: controller.signal,
    out: () => written[0].join(""),
    err: () => written[1].join(""),
    rawModes,
    interrupt: () => controller.abort(new Error("ended by SIGINT")),
  };
}

async function* typing(input: readonly string[], terminal: boolean): AsyncGenerator<Uint8Array> {
  for (const text of input) yield new TextEncoder().encode(text);
  if (terminal) await new Promise(() => undefined);
}
