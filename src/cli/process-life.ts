/** How this process ends: by its work, by signals, or because nobody reads its output any more. */

/** After a Ctrl-C the work has this long to clean up; what it leaves then dies with us or is removed by the next run. */
const abortGraceMs = 800;
/** A mistake of ours, or an output that cannot be written, must not read as a verdict: a bisection skips it. */
const failedExitCode = 125;
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Does the work and ends the process with its exit code. The first SIGINT, SIGTERM or SIGHUP aborts the work,
 * a second one or the end of the grace period ends the process at once, with the code a shell expects.
 */
export async function runProcess(work: (signal: AbortSignal) => Promise<number>): Promise<never> {
  const controller = new AbortController();
  let signalled = 0;
  for (const [name, number] of Object.entries(signalNumbers)) {
    process.on(name, () => {
      const exitCode = 128 + number;
      if (signalled !== 0) process.exit(exitCode);
      signalled = exitCode;
      controller.abort(new Error(`ended by ${name}`));
      setTimeout(() => {
        process.stderr.write("\nInterrupted. The next run removes what this one left behind.\n");
        process.exit(exitCode);
      }, abortGraceMs).unref();
    });
  }
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(failedExitCode);
  });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", outputFailed);
  const exitCode = await work(controller.signal);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(signalled === 0 ? exitCode : signalled);
}

/** `… | head` is no mistake: what is written after the reader has gone is dropped. A full disk is one. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") return;
  process.stderr.write(`The output cannot be written: ${error.message}.\n`);
  process.exit(failedExitCode);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write("", () => resolve());
  });
}
