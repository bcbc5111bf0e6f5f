import { entryOffset } from "./entry.ts";
import type { SwapArea } from "./swap-area.ts";

/**
 * Compressed pages in memory in place of their slots on the device. It takes every page as long as it is switched on; the
 * slots stay taken. Kernel 7.2, 7.3 zswap_store, zswap_load.
 */
export class Zswap {
  private on = false;
  private wasEverOn = false;

  /** Once it was on, large folios are no longer swapped in, for parts of them might be here. Kernel: zswap_never_enabled. */
  get everEnabled(): boolean {
    return this.wasEverOn;
  }

  switch(on: boolean): void {
    this.on = on;
    if (on) this.wasEverOn = true;
  }

  /** True when the pages need not go to the device. When they do, what was here for their slots is out of date. */
  store(area: SwapArea, entry: number, pageCount: number): boolean {
    const slot = entryOffset(entry);
    for (let s = slot; s < slot + pageCount; s++) {
      if (this.on) area.inZswap.add(s);
      else area.inZswap.delete(s);
    }
    return this.on;
  }

  /** True when the page comes from here. It is then gone from here, so that the folio holds the only copy and is dirty. */
  load(area: SwapArea, entry: number): boolean {
    return area.inZswap.delete(entryOffset(entry));
  }
}
