import type { Readable } from "node:stream";
import type { TiedProcess } from "../process.ts";

/** How QEMU ended. */
export interface MachineExit {
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  /** The last lines of its standard error, trimmed. */
  readonly stderr: string;
  /** "ended with status 1", "was killed by SIGKILL". */
  readonly text: string;
}

const stderrKeptChars = 16 * 1024;
/** What QEMU printed may still be in the pipe when it has ended; a child of it could hold the pipe open. */
const drainMs = 200;

function keepTail(stream: Readable): { text: () => string; drained: Promise<void> } {
  let kept = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    kept = (kept + text).slice(-stderrKeptChars);
  });
  const drained = new Promise<void>((resolve) => {
    stream.once("close", resolve);
  });
  return { text: () => kept.trim(), drained };
}

/** Reads the process's output from now on, and resolves when it has ended. */
export function watchExit(process: TiedProcess): Promise<MachineExit> {
  const stderr = keepTail(process.stderr);
  process.stdout.resume();
  return (async () => {
    const { exitCode, exitSignal } = await process.exit;
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      stderr.drained,
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, drainMs);
      }),
    ]);
    clearTimeout(timer);
    const text = exitSignal === null ? `ended with status ${exitCode}` : `was killed by ${exitSignal}`;
    return { exitCode, exitSignal, stderr: stderr.text(), text };
  })();
}
