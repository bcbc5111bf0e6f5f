import { entryOffset } from "../entry.ts";
import { type Folio } from "../folio.ts";
import { type Geometry } from "../geometry.ts";
import type { SwapArea } from "../swap-area.ts";
import { type SwapCore } from "../swap-core.ts";
import { blockState, pteBit, pteKind, type Region } from "./region.ts";
import { dropObject } from "./hole.ts";
import type { SharedObject } from "./shared-object.ts";
import { type SlotOwner, SlotOwners } from "./slot-owners.ts";

/** A process: its regions in order of address, which is the order in which they were mapped. */
export class Process {
  readonly name: string;
  readonly regions = new Map<string, Region>();

  /** Folios that the process holds through pipes, once for each of their pages, by region. */
  private readonly pins = new Map<string, Folio[]>();

  constructor(name: string) {
    this.name = name;
  }

  pinsOf(region: string): Folio[] {
    let pins = this.pins.get(region);
    if (pins === undefined) this.pins.set(region, (pins = []));
    return pins;
  }

  region(name: string): Region {
    const region = this.regions.get(name);
    if (region === undefined) throw new Error(`process ${this.name} has no region ${name}`);
    return region;
  }
}

/** A folio that comes of a split. */
interface Part {
  readonly firstPage: number;
  readonly order: number;
}

/** All processes, the memory they map, and the swap core below it. */
export class MemoryState {
  readonly core: SwapCore;
  readonly geometry: Geometry;
  readonly processes = new Map<string, Process>();
  /** Read-ahead by slot, for shared memory, and for all memory while a swap device rotates: one state for all; it starts with hits, so that it reads ahead at once. Kernel 6.1, 6.12 swapin_nr_pages. */
  readonly slotReadAhead = { lastOffset: 0, window: 0, hits: 4 };
  /** Areas whose header page swapon has read and the page cache still holds: the workload, which does that, is charged for it. */
  readonly readHeaders = new Set<SwapArea>();
  private readonly owners = new SlotOwners();

  constructor(core: SwapCore) {
    this.core = core;
    this.geometry = core.geometry;
  }

  process(name: string): Process {
    const process = this.processes.get(name);
    if (process === undefined) throw new Error(`no process ${name}`);
    return process;
  }

  noteOwner(firstEntry: number, folio: Folio): void {
    this.owners.note(this.core.areaOf(firstEntry), entryOffset(firstEntry), folio);
  }

  ownerOf(entry: number): SlotOwner {
    return this.owners.of(this.core.areaOf(entry), entryOffset(entry));
  }

  /** Frees a shared object when no process maps any of it. */
  dropUnmapped(object: SharedObject): void {
    for (const process of this.processes.values()) {
      const region = process.regions.get(object.name);
      if (region?.shared === object && region.vmas.length > 0) return;
    }
    dropObject(this, object);
  }

  folioAt(region: Region, page: number): Folio {
    return this.core.folios.get(region.value[page]!);
  }

  /** Every place that maps page `index` of `folio`. */
  *mappingsOf(folio: Folio, index: number): Generator<Region> {
    const page = folio.firstPage + index;
    for (const process of this.processes.values()) {
      const region = process.regions.get(folio.region);
      if (region?.isFolio(page, folio.id) === true) yield region;
    }
  }

  mappingCount(folio: Folio, index: number): number {
    let count = 0;
    for (const _ of this.mappingsOf(folio, index)) count++;
    return count;
  }

  /** How many processes map some page of `folio`. */
  mappingProcesses(folio: Folio): number {
    let count = 0;
    for (const process of this.processes.values()) {
      const region = process.regions.get(folio.region);
      if (region === undefined) continue;
      for (let page = folio.firstPage; page < folio.firstPage + folio.pageCount; page++) {
        if (!region.isFolio(page, folio.id)) continue;
        count++;
        break;
      }
    }
    return count;
  }

  /**
   * Splits the PMD mapping of a block in one process into page-table entries; the folio stays whole. Of shared memory nothing
   * is mapped there any more: what is in memory can be mapped again. Kernel 6.1, 6.12 __split_huge_pmd_locked.
   */
  splitBlock(region: Region, block: number): void {
    if (region.blocks[block] !== blockState.huge) return;
    const first = block * region.blockPages;
    if (region.kind[first] === pteKind.present) this.folioAt(region, first).pmdMapCount--;
    region.blocks[block] = blockState.table;
    if (region.shared === null) return;
    this.unmapPages(region, this.folioAt(region, first), first, first + region.blockPages);
    region.blocks[block] = blockState.empty;
  }

  /** A folio of shared memory is mapped nowhere any more. Kernel 6.1, 6.12 try_to_unmap. */
  unmapShared(folio: Folio): void {
    for (const process of this.processes.values()) {
      const region = process.regions.get(folio.region);
      if (region === undefined) continue;
      this.splitBlock(region, region.blockOf(folio.firstPage));
      this.unmapPages(region, folio, folio.firstPage, folio.firstPage + folio.pageCount);
    }
  }

  /** Pages of a folio of shared memory leave a page table; what was written to them the folio then knows. */
  unmapPages(region: Region, folio: Folio, first: number, end: number): void {
    for (let page = first; page < end; page++) {
      if (!region.isFolio(page, folio.id)) continue;
      if ((region.bits[page]! & pteBit.dirty) !== 0) folio.dirty = true;
      region.clear(page);
      folio.mapCount--;
    }
  }

  /** Kernel 6.1, 6.12 can_split_folio: only mappings and the swap cache may refer to it. */
  canSplit(folio: Folio): boolean {
    return folio.pins === 0;
  }

  /**
   * Splits a large folio into base pages. Returns them in ascending order; those that nothing refers to are freed.
   * `kept` is the page whose folio the caller still holds locked.
   *
   * Kernel 6.1, 6.12 split_huge_page_to_list: page-table dirty bits reach every part; parts that no page table maps
   * are offered for freeing; from 6.12 on mapped parts that hold only zeroes become the shared zero page.
   */
  splitFolio(folio: Folio, kept: number): Folio[] {
    const { core } = this;
    const { pageCount } = folio;
    if (folio.inPageCache) return this.splitShared(folio, Array.from({ length: pageCount }, (_, i) => ({ firstPage: folio.firstPage + i, order: 0 })));
    this.countSplit(folio);

    const dirty = folio.dirty || this.anyDirtyMapping(folio);
    const parts = Array.from({ length: pageCount }, (_, i) => {
      const part = core.folios.create(0, folio.region, folio.firstPage + i);
      part.dirty = dirty;
      part.swapBacked = folio.swapBacked;
      return part;
    });
    for (const process of this.processes.values()) {
      const region = process.regions.get(folio.region);
      if (region !== undefined) this.splitBlock(region, region.blockOf(folio.firstPage));
    }
    parts.forEach((part, i) => this.moveMappings(folio, i, part));
    if (folio.cached) core.splitCached(folio, parts);
    core.folios.releaseIfUnused(folio);

    parts.forEach((part, i) => {
      if (i === kept) return;
      if (part.cached && part.mapCount === 0) core.freeSwapOf(part);
      core.folios.releaseIfUnused(part);
    });
    return parts;
  }

  /**
   * Splits a folio of shared memory only as far as a page of its own for `page` asks for: in halves, of which the one with
   * the page is split again. Kernel 6.17, 7.3 folio_split.
   */
  splitFolioAround(folio: Folio, page: number): void {
    const parts: Part[] = [];
    let { firstPage } = folio;
    for (let order = folio.order - 1; order >= 0; order--) {
      const half = firstPage + (1 << order);
      parts.push({ firstPage: page < half ? half : firstPage, order });
      if (page >= half) firstPage = half;
    }
    this.splitShared(folio, [...parts, { firstPage, order: 0 }]);
  }

  /** The parts stay in memory for the object, but nobody maps them. What lies beyond the object's end is gone. */
  private splitShared(folio: Folio, parts: readonly Part[]): Folio[] {
    const { core } = this;
    const object = this.objectOf(folio);
    this.countSplit(folio);
    this.unmapShared(folio);
    folio.inPageCache = false;
    core.folios.releaseIfUnused(folio);
    return parts
      .filter(({ firstPage }) => firstPage < object.pageCount)
      .map(({ firstPage, order }) => {
        const part = core.folios.create(order, folio.region, firstPage);
        part.dirty = folio.dirty;
        object.putFolio(part);
        return part;
      });
  }

  private countSplit(folio: Folio): void {
    const { core } = this;
    if (folio.order === this.geometry.pmdOrder) core.meter.event("thp_split_page");
    if (core.features.wholeFolioOrders === "any") core.meter.folio(folio.order, "split");
  }

  /** The object that a folio of shared memory is of. */
  objectOf(folio: Folio): SharedObject {
    for (const process of this.processes.values()) {
      const object = process.regions.get(folio.region)?.shared;
      if (object !== undefined && object !== null) return object;
    }
    throw new Error(`folio ${folio.id} is of no shared memory`);
  }

  private anyDirtyMapping(folio: Folio): boolean {
    for (let i = 0; i < folio.pageCount; i++) {
      for (const region of this.mappingsOf(folio, i)) {
        if ((region.bits[folio.firstPage + i]! & pteBit.dirty) !== 0) return true;
      }
    }
    return false;
  }

  private moveMappings(folio: Folio, index: number, part: Folio): void {
    const page = folio.firstPage + index;
    for (const region of [...this.mappingsOf(folio, index)]) {
      folio.mapCount--;
      if (this.core.features.splitDropsZeroPages && region.content[page] === 0) {
        region.setZero(page);
        continue;
      }
      region.value[page] = part.id;
      part.mapCount++;
    }
  }
}
