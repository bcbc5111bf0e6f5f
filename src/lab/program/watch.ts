import { setTimeout as sleep } from "node:timers/promises";
import type { Check } from "../../compare/check.ts";
import { lockedInvariants, quietInvariants } from "../../compare/memory-invariants.ts";
import { x86_64 } from "../../model/geometry.ts";
import { LabError } from "../errors.ts";
import type { SwapMemory, SwapPicture } from "../swap-memory.ts";

/** While a program runs its guest stands still for at most a tenth of the time. */
const leastPauseMs = 500;
const pausePerStop = 9;
/** Kernel threads may still be at work when a program has ended: what does not hold then has so long to come right. */
const settleAttempts = 20;
const settlePauseMs = 100;

/** Everything that must hold when nothing is under way. */
export const restChecks = ({ state }: SwapPicture): Check[] => [...lockedInvariants(state, x86_64), ...quietInvariants(state)];

/** A picture in which everything holds, or the last of many in which something does not. */
export async function settledPicture(memory: SwapMemory): Promise<SwapPicture> {
  let picture = await memory.take();
  for (let attempt = 1; attempt < settleAttempts && restChecks(picture).some(({ ok }) => !ok); attempt++) {
    await sleep(settlePauseMs);
    picture = await memory.take();
  }
  return picture;
}

/** Pictures taken while a program runs, and what must hold in each of them. */
export class Watch {
  pictureCount = 0;
  /** Checks that did not hold, of the first picture in which any did not. */
  broken: readonly Check[] = [];
  private readonly memory: SwapMemory;
  private readonly over = new AbortController();
  private work: Promise<void> = Promise.resolve();

  constructor(memory: SwapMemory) {
    this.memory = memory;
  }

  start(): void {
    this.work = this.look();
    // Whoever ends it is told.
    this.work.catch(() => undefined);
  }

  /** When this has settled the guest is not stopped any more. */
  async end(): Promise<void> {
    this.over.abort();
    await this.work;
  }

  private async look(): Promise<void> {
    let pauseMs = leastPauseMs;
    for (;;) {
      await sleep(pauseMs, undefined, { signal: this.over.signal }).catch(() => undefined);
      if (this.over.signal.aborted) return;
      const picture = await this.picture();
      if (picture === null) continue;
      this.pictureCount++;
      pauseMs = Math.max(leastPauseMs, pausePerStop * picture.stoppedMs);
      if (this.broken.length === 0) this.broken = lockedInvariants(picture.state, x86_64).filter(({ ok }) => !ok);
    }
  }

  /**
   * Null when the guest was stopped in the midst of a change. Not all of them are under a lock that is looked at, such as one of
   * the swap cache's trees, so what makes no sense now is left for a picture when all is quiet. A guest that is lost is told
   * of by who waits for its answer.
   */
  private async picture(): Promise<SwapPicture | null> {
    try {
      return await this.memory.takeOnce();
    } catch (error) {
      if (error instanceof LabError) return null;
      throw error;
    }
  }
}
