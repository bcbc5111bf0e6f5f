/** Processor time of this process, ms, which other people's load does not lengthen. order-lists.c takes the same. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Does something again and again, at least once, until the time is over. */
export function runFor(durationMs: number, once: () => void): { tookMs: number; count: number } {
  const startedAtMs = processorMs();
  let [tookMs, count] = [0, 0];
  do {
    once();
    count++;
    tookMs = processorMs() - startedAtMs;
  } while (tookMs < durationMs);
  return { tookMs, count };
}
