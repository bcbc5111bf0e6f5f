import { fitEnd, formatDuration, sanitize } from "../report/text.ts";
import type { Context } from "./context.ts";

/**
 * What is being done, on standard error: one living line on a terminal, a plain line per stage elsewhere.
 */
export interface Progress {
  report(stage: string, detail: string): void;
  /** Takes the living line away; the next report brings it back. */
  clear(): void;
}

const tickMs = 100;
/** A log is read later: within one stage it gets a line now and then only. */
const plainDetailMs = 10_000;
const eraseLine = "\r\x1b[K";

export function makeProgress(context: Context): Progress {
  const alive = context.stderr.isTTY === true && context.environment["TERM"] !== "dumb";
  return alive ? livingLine(context) : plainLines(context);
}

function livingLine({ stderr }: Context): Progress {
  let text = "";
  let stage = "";
  let startedAtMs = 0;
  let ticker: ReturnType<typeof setInterval> | null = null;
  const draw = (): void => {
    const line = `${formatDuration(Math.max(100, performance.now() - startedAtMs))}  ${text}`;
    // The last column stays free: a terminal that has filled it is already on the next line.
    stderr.write(eraseLine + fitEnd(line, (stderr.columns ?? 80) - 1, "…"));
  };
  return {
    report: (newStage, detail) => {
      if (newStage !== stage || ticker === null) startedAtMs = performance.now();
      stage = newStage;
      text = stageText(stage, detail);
      ticker ??= setInterval(draw, tickMs).unref();
      draw();
    },
    clear: () => {
      if (ticker === null) return;
      clearInterval(ticker);
      ticker = null;
      stderr.write(eraseLine);
    },
  };
}

function plainLines({ stderr }: Context): Progress {
  let shownStage = "";
  let shownAtMs = 0;
  return {
    report: (stage, detail) => {
      if (stage === shownStage && performance.now() - shownAtMs < plainDetailMs) return;
      shownStage = stage;
      shownAtMs = performance.now();
      stderr.write(`${stageText(stage, detail)}\n`);
    },
    clear: () => undefined,
  };
}

const stageText = (stage: string, detail: string): string => sanitize(detail === "" ? stage : `${stage}: ${detail}`);
