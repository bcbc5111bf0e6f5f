import type { Folio } from "../folio.ts";
import { entryOffset } from "../entry.ts";
import * as slotByte from "../slot-byte.ts";
import type { MemoryState, Process } from "./address-space.ts";
import { countRead, noteCacheHit, readAhead } from "./read-ahead.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";
import { accessShared } from "./shared.ts";

const ownAndWritten = pteBit.exclusive | pteBit.writable | pteBit.dirty;

/**
 * The page of its own that a process gets in place of a tail page of a cached large folio, already mapped once; null
 * where the folio itself is mapped. Kernel 6.1 ksm_might_need_to_copy: the copy is dirty, and its slot has lost a reference.
 */
export function copyOfTail(memory: MemoryState, region: Region, page: number, folio: Folio): Folio | null {
  const { core } = memory;
  if (!core.features.copiesTailPages || page === folio.firstPage) return null;
  const copy = core.folios.create(0, region.name, page);
  copy.dirty = true;
  copy.mapCount = 1;
  return copy;
}

/**
 * One access of a process to one page: what the hardware does by itself, and every page fault it causes.
 * Kernel 6.1, 6.12 handle_mm_fault for anonymous memory, private here and shared in `shared.ts`.
 */
export class Access {
  private readonly memory: MemoryState;
  private readonly process: Process;
  private readonly region: Region;

  constructor(memory: MemoryState, process: Process, region: Region) {
    this.memory = memory;
    this.process = process;
    this.region = region;
  }

  read(page: number): void {
    if (this.region.shared !== null) {
      accessShared(this.memory, this.region, this.region.shared, page, false);
      return;
    }
    const kind = this.region.kind[page];
    if (kind === pteKind.none) this.faultNone(page, false);
    else if (kind === pteKind.swap) this.faultSwap(page, false);
  }

  write(page: number): void {
    const { region } = this;
    if (region.shared !== null) {
      accessShared(this.memory, region, region.shared, page, true);
      return;
    }
    if (region.kind[page] === pteKind.none) this.faultNone(page, true);
    else if (region.kind[page] === pteKind.swap) this.faultSwap(page, true);
    // A fault may leave a page that is still write-protected; the store then faults once more.
    if (region.kind[page] === pteKind.zero) this.replaceZero(page);
    else if ((region.bits[page]! & pteBit.writable) === 0) this.faultProtected(page);
    this.markWritten(page);
  }

  private markWritten(page: number): void {
    const { region } = this;
    if (region.blocks[region.blockOf(page)] === blockState.huge) {
      const first = region.blockOf(page) * region.blockPages;
      for (let p = first; p < first + region.blockPages; p++) region.bits[p]! |= pteBit.dirty;
    } else {
      region.bits[page]! |= pteBit.dirty;
    }
  }

  // ---- nothing there yet

  private faultNone(page: number, write: boolean): void {
    const { region } = this;
    const block = region.blockOf(page);
    const { pmdOrder } = this.memory.geometry;
    if (region.folioOrder === pmdOrder && region.blocks[block] === blockState.empty && this.fits(page, pmdOrder)) {
      this.faultHuge(block, write);
      return;
    }
    if (!write) {
      region.setZero(page);
      return;
    }
    const order = this.orderFor(page);
    this.bringFolio(order, page - (page % (1 << order)));
  }

  /** A folio of `order` pages around `page` lies inside one memory area. */
  private fits(page: number, order: number): boolean {
    const first = page - (page % (1 << order));
    const vma = this.region.vmaOf(page);
    return first >= vma.start && first + (1 << order) <= vma.end;
  }

  /** Kernel 6.12 alloc_anon_folio: the wanted size when all of its page-table entries are still empty, else one page. */
  private orderFor(page: number): number {
    const { region, memory } = this;
    const order = region.folioOrder;
    if (order === 0 || order === memory.geometry.pmdOrder || memory.core.features.wholeFolioOrders === "pmd") return 0;
    if (!this.fits(page, order)) return 0;
    const first = page - (page % (1 << order));
    for (let p = first; p < first + (1 << order); p++) if (region.kind[p] !== pteKind.none) return 0;
    return order;
  }

  private bringFolio(order: number, first: number): void {
    const { core } = this.memory;
    const folio = core.folios.create(order, this.region.name, first);
    folio.mapCount = folio.pageCount;
    this.region.vmaOf(first).hasAnonVma = true;
    for (let p = first; p < first + folio.pageCount; p++) this.region.setPresent(p, folio.id, ownAndWritten);
    if (order > 0 && core.features.wholeFolioOrders === "any") core.meter.folio(order, "anon_fault_alloc");
  }

  /** Kernel: a first read of an empty block maps the huge zero page, a first write a folio of that size. */
  private faultHuge(block: number, write: boolean): void {
    const { region, memory } = this;
    const first = block * region.blockPages;
    // Kernel 6.1, 6.12 do_huge_pmd_anonymous_page: even where it then maps the huge zero page.
    region.vmaOf(first).hasAnonVma = true;
    if (write) {
      this.bringFolio(memory.geometry.pmdOrder, first);
      memory.folioAt(region, first).pmdMapCount = 1;
    } else {
      for (let p = first; p < first + region.blockPages; p++) region.setZero(p);
    }
    region.blocks[block] = blockState.huge;
  }

  // ---- present but write-protected

  private faultProtected(page: number): void {
    const { region, memory } = this;
    const block = region.blockOf(page);
    if (region.blocks[block] === blockState.huge) {
      if (this.reuseHuge(block)) return;
      memory.splitBlock(region, block);
    }
    const folio = memory.folioAt(region, page);
    if ((region.bits[page]! & pteBit.exclusive) !== 0 || this.canReuse(folio)) {
      region.bits[page]! |= pteBit.exclusive | pteBit.writable;
      return;
    }
    this.copyOnWrite(page, folio);
  }

  /** Kernel 6.1, 6.12 do_huge_pmd_wp_page: a PMD folio that only this process maps is written in place. */
  private reuseHuge(block: number): boolean {
    const { region } = this;
    const first = block * region.blockPages;
    const folio = this.memory.folioAt(region, first);
    if ((region.bits[first]! & pteBit.exclusive) === 0 && folio.references(0) !== 1) return false;
    for (let p = first; p < first + region.blockPages; p++) region.bits[p]! |= pteBit.exclusive | pteBit.writable;
    return true;
  }

  /**
   * Kernel 6.1, 6.12 do_wp_page: a base page is written in place when nothing but this mapping refers to it once its
   * swap is freed. A page of a large folio is never (6.12) or only with at most three references (6.1) considered.
   */
  private canReuse(folio: Folio): boolean {
    const { core } = this.memory;
    if (folio.order > 0 && core.features.exactSharing) return this.canReuseLarge(folio);
    if (folio.order > 0 && core.features.wholeFolioOrders === "any") return false;
    const references = folio.references(0);
    if (references > 3 || references > 1 + (folio.cached ? 1 : 0)) return false;
    if (folio.cached) core.freeSwapOf(folio);
    return folio.references(0) === 1;
  }

  /** Kernel 7.3 __wp_can_reuse_large_anon_folio: one process maps all that is mapped, and nothing else refers to it. */
  private canReuseLarge(folio: Folio): boolean {
    const { core } = this.memory;
    if (folio.mappings <= 1) return false;
    if (this.memory.mappingProcesses(folio) > 1) return false;
    if (folio.cached) core.freeSwapOf(folio);
    return folio.references(0) === folio.mappings;
  }

  /** Kernel 6.14, 7.3 do_huge_zero_wp_pmd: in place of the huge zero page as a whole comes a folio of its size. */
  private replaceZero(page: number): void {
    const { region, memory } = this;
    const block = region.blockOf(page);
    if (memory.core.features.hugeZeroBecomesFolio && region.blocks[block] === blockState.huge) this.faultHuge(block, true);
    else this.copyOnWrite(page, null);
  }

  /** Kernel: wp_page_copy. The process gets a page of its own; the old one may now be free to leave the swap cache. */
  private copyOnWrite(page: number, old: Folio | null): void {
    const { region, memory } = this;
    memory.splitBlock(region, region.blockOf(page));
    const { core } = memory;
    const copy = core.folios.create(0, region.name, page);
    copy.mapCount = 1;
    region.vmaOf(page).hasAnonVma = true;
    region.setPresent(page, copy.id, ownAndWritten);
    if (old === null) return;
    old.mapCount--;
    if (old.cached && old.mapCount === 0) core.freeSwapOf(old);
    core.folios.releaseIfUnused(old);
  }

  // ---- swapped out

  /** Kernel 6.1, 6.12 do_swap_page. */
  private faultSwap(page: number, write: boolean): void {
    const { region, memory } = this;
    const { core } = memory;
    core.meter.call("do_swap_page");
    core.pinDevice();
    const entry = region.value[page]!;
    let folio = this.lookUp(page, entry);
    if (folio === null && !core.features.cacheBit && core.areaOf(entry).synchronous) {
      folio = this.swapInThroughCache(page);
    }
    if (folio === null) {
      if (core.areaOf(entry).synchronous && this.countIsOne(entry)) {
        this.swapInPast(page, write);
        return;
      }
      const before = core.meter.vmstat.get("pswpin") ?? 0;
      folio = readAhead(memory, this.process, region, page);
      if (!core.areaOf(entry).synchronous) core.readsUnderWay += (core.meter.vmstat.get("pswpin") ?? 0) - before;
    }
    this.mapCached(page, folio, write);
  }

  private lookUp(page: number, entry: number): Folio | null {
    const { core } = this.memory;
    const folio = core.lookUp(entry);
    if (folio !== null) noteCacheHit(this.memory, this.region, page, folio);
    return folio;
  }

  private countIsOne(entry: number): boolean {
    const { core } = this.memory;
    if (core.features.devicePins === "every-call") core.pinDevice();
    return core.countOf(entry) === 1;
  }

  /**
   * A device that completes at once and a slot that only this process refers to: the folio is read past the swap cache
   * and its slots are free afterwards.
   */
  private swapInPast(page: number, write: boolean): void {
    const { region, memory } = this;
    const { core } = memory;
    const order = this.swapInOrder(page);
    const first = page - (page % (1 << order));
    const entry = region.value[first]!;
    const folio = core.folios.create(order, region.name, first);
    core.prepareCache(entry, folio.pageCount);
    countRead(core, entry, folio);
    core.dropReferences(entry, folio.pageCount);
    folio.mapCount = folio.pageCount;
    // Kernel 6.12 maps an exclusive page writable even for a read.
    const bits = pteBit.exclusive | (write || core.features.wholeFolioRefault ? pteBit.writable : 0);
    for (let p = first; p < first + folio.pageCount; p++) region.setPresent(p, folio.id, bits);
    core.clearCache(entry, folio.pageCount);
  }

  /** Kernel 7.3 swapin_sync: the folio enters the swap cache, and its slots are freed after it was mapped. */
  private swapInThroughCache(page: number): Folio {
    const { region, memory } = this;
    const { core } = memory;
    const order = this.swapInOrder(page);
    const first = page - (page % (1 << order));
    const entry = region.value[first]!;
    core.lookUp(region.value[page]!);
    core.prepareCache(entry, 1 << order);
    const folio = core.folios.create(order, region.name, first);
    core.addToCache(folio, entry);
    countRead(core, entry, folio);
    return folio;
  }

  /**
   * Kernel 6.12 alloc_swap_folio: the mapping's folio size when memory and swap are aligned alike, all entries go on,
   * none of the slots is cached, and either all of them hold zeroes or none. Sizes below a PMD only.
   */
  private swapInOrder(page: number): number {
    const { region, memory } = this;
    const { core } = memory;
    const order = region.folioOrder;
    if (!core.features.largeSyncSwapIn || core.zswap.everEnabled || order === 0 || order >= memory.geometry.pmdOrder || !this.fits(page, order)) return 0;
    const pages = 1 << order;
    const first = page - (page % pages);
    if (region.kind[first] !== pteKind.swap || region.swapRun(first, first + pages) !== pages) return 0;
    const area = core.areaOf(region.value[first]!);
    const slot = entryOffset(region.value[first]!);
    if (slot % pages !== 0) return 0;
    const zero = area.isZero(slot);
    for (let s = slot; s < slot + pages; s++) {
      if (area.isZero(s) !== zero || (area.map[s]! & slotByte.hasCache) !== 0) return 0;
    }
    return order;
  }

  /** Maps what the swap cache holds, drops the references, and frees the slots early when that is wise. */
  private mapCached(page: number, folio: Folio, write: boolean): void {
    const { region, memory } = this;
    const { core } = memory;
    const whole = this.wholeFolioFits(page, folio);
    const first = whole ? folio.firstPage : page;
    const count = whole ? folio.pageCount : 1;
    const wasExclusive = (region.bits[page]! & pteBit.exclusive) !== 0;

    folio.isUnclaimed = false;
    const copy = copyOfTail(memory, region, page, folio);
    core.dropReferences(region.value[first]!, count);
    if (copy !== null) {
      region.setPresent(page, copy.id, write ? ownAndWritten : pteBit.exclusive);
      return;
    }
    if (core.features.cacheBit && this.shouldFreeSwap(folio, write)) core.freeSwapOf(folio);
    const exclusive = wasExclusive || (core.features.cacheBit && folio.references(1) === 1);
    let bits = exclusive ? pteBit.exclusive : 0;
    if (exclusive && (write || core.features.wholeFolioRefault)) bits |= pteBit.writable;
    for (let p = first; p < first + count; p++) region.setPresent(p, folio.id, bits);
    folio.mapCount += count;
    if (!core.features.cacheBit && this.shouldFreeAfterMapping(folio, write, exclusive, count)) core.freeSwapOf(folio);
  }

  /**
   * Kernel 7.2, 7.3 should_try_to_free_swap: always on a synchronous device, where keeping slots gains nothing; when swap
   * is more than half full; and when the page is this process's own and written (7.3), or is written without being its own
   * and nothing but the `mapped` new mappings and the cache refers to the folio (7.2).
   */
  private shouldFreeAfterMapping(folio: Folio, write: boolean, exclusive: boolean, mapped: number): boolean {
    const { core } = this.memory;
    if (!folio.cached) return false;
    if (core.areaOf(folio.entry).synchronous || core.swapFull()) return true;
    if (core.features.ownWriteFreesSwap) return write && exclusive;
    return write && !exclusive && folio.references(0) === mapped + folio.pageCount;
  }

  /** Kernel 6.11 on: all of a large folio is mapped when every one of its entries is still there and alike. */
  private wholeFolioFits(page: number, folio: Folio): boolean {
    const { region, memory } = this;
    if (!memory.core.features.wholeFolioRefault || folio.order === 0) return false;
    const first = folio.firstPage;
    const vma = region.vmaOf(page);
    if (first < vma.start || first + folio.pageCount > vma.end) return false;
    return (
      region.kind[first] === pteKind.swap &&
      region.value[first] === folio.entry &&
      region.swapRun(first, first + folio.pageCount) === folio.pageCount
    );
  }

  /**
   * Kernel 6.1, 6.12 should_try_to_free_swap: when swap is more than half full; or when the page is to be written and
   * nothing but the cache and this fault refers to it (6.1 and 6.10 know only base pages here).
   */
  private shouldFreeSwap(folio: Folio, write: boolean): boolean {
    const { core } = this.memory;
    if (!folio.cached) return false;
    if (core.swapFull()) return true;
    const alone = core.features.wholeFolioRefault ? 1 + folio.pageCount : 2;
    return write && folio.references(1) === alone;
  }
}
