import type { MemoryState } from "./address-space.ts";
import { dropPages, type SharedObject } from "./shared.ts";
import { Zap } from "./zap.ts";

/**
 * MADV_REMOVE: everybody's page tables lose the range, then the object loses its pages, and those in swap their slots.
 * Kernel 6.1, 6.12 shmem_fallocate with FALLOC_FL_PUNCH_HOLE.
 */
export function punchHole(memory: MemoryState, object: SharedObject, first: number, end: number): void {
  const zap = new Zap(memory);
  for (const process of memory.processes.values()) {
    const region = process.regions.get(object.name);
    if (region?.shared === object) zap.range(region, first, end);
  }
  zap.finish();
  object.content.fill(0, first, end);
  dropPages(memory, object, first, end);
}
