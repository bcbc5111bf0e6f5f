/** No entry: the folio is not in the swap cache. */
export const noEntry = -1;

/** A folio of anonymous memory as reclaim and the swap cache see it. */
export class Folio {
  readonly id: number;
  readonly order: number;
  /** Region and page index of its first page; the same in every process that maps it. */
  readonly region: string;
  readonly firstPage: number;
  /** First of its swap entries while it is in the swap cache, else `noEntry`. */
  entry = noEntry;
  /** Page-table references, a PMD mapping counted once per page. */
  mapCount = 0;
  /** Processes that map it by a PMD. */
  pmdMapCount = 0;
  /** Differs from what its slots hold, as far as the folio itself knows; page tables may know better. */
  dirty = false;
  /** False after MADV_FREE: its content may be dropped. */
  swapBacked = true;
  /** Belongs to a shared mapping and is in memory on its account. */
  inPageCache = false;
  /** References that nobody but their holder can account for, one a page held. */
  pins = 0;
  /** Brought by read-ahead and not yet asked for. */
  readahead = false;
  /** Brought into the swap cache and not yet taken by anybody: neither anonymous nor of shared memory. */
  isUnclaimed = false;

  constructor(id: number, order: number, region: string, firstPage: number) {
    this.id = id;
    this.order = order;
    this.region = region;
    this.firstPage = firstPage;
  }

  get pageCount(): number {
    return 1 << this.order;
  }

  get cached(): boolean {
    return this.entry !== noEntry;
  }

  /** References as folio_ref_count would give them: mappings, one per page by the cache, pins, and the caller's `extra`. */
  references(extra: number): number {
    return this.mappings + (this.cached ? this.pageCount : 0) + this.pins + extra;
  }

  /** Mappings, one by a PMD counted once. */
  get mappings(): number {
    return this.mapCount - this.pmdMapCount * (this.pageCount - 1);
  }
}

/** All living folios by id. */
export class FolioTable {
  private readonly folios = new Map<number, Folio>();
  private nextId = 1;

  create(order: number, region: string, firstPage: number): Folio {
    const folio = new Folio(this.nextId++, order, region, firstPage);
    this.folios.set(folio.id, folio);
    return folio;
  }

  get(id: number): Folio {
    const folio = this.folios.get(id);
    if (folio === undefined) throw new Error(`folio ${id} is gone but still referenced`);
    return folio;
  }

  /** In the order in which they were made. */
  all(): IterableIterator<Folio> {
    return this.folios.values();
  }

  /** Forgets a folio that nothing refers to any more. */
  releaseIfUnused(folio: Folio): void {
    if (folio.mapCount === 0 && !folio.cached && !folio.inPageCache && folio.pins === 0) this.folios.delete(folio.id);
  }
}
