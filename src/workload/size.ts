/** Largest size a workload may name, bytes: a guard against a slip of the finger. */
const sizeBytesMax = 1024 ** 4;

const units: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, kb: 1024, kib: 1024, m: 1024 ** 2, mb: 1024 ** 2, mib: 1024 ** 2, g: 1024 ** 3, gb: 1024 ** 3, gib: 1024 ** 3 };

/** Bytes of a size such as "64kB", "16M" or "1GiB" (all binary units); a string says what is wrong. */
function parseSize(text: string): number | string {
  const match = /^(\d{1,15})\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : units[match[2]!.toLowerCase()];
  if (match === null || unit === undefined) return `"${text}" is not a size; write it like 64kB, 16M or 1G`;
  const sizeBytes = Number(match[1]) * unit;
  if (sizeBytes === 0) return "a size of zero makes no sense here";
  if (sizeBytes > sizeBytesMax) return `"${text}" is larger than anything this lab can hold`;
  return sizeBytes;
}

/** A whole number of pages; a string says what is wrong. */
export function parsePages(text: string, pageSizeBytes: number): number | string {
  const sizeBytes = parseSize(text);
  if (typeof sizeBytes === "string") return sizeBytes;
  if (sizeBytes % pageSizeBytes !== 0) return `"${text}" is not a whole number of ${pageSizeBytes / 1024} kB pages`;
  return sizeBytes / pageSizeBytes;
}

/** Order of a folio size such as "64kB"; a string says what is wrong. */
export function parseFolio(text: string, pageSizeBytes: number, pmdOrder: number): number | string {
  const pages = parsePages(text, pageSizeBytes);
  if (typeof pages === "string") return pages;
  const order = Math.log2(pages);
  if (!Number.isInteger(order)) return `"${text}" is not a folio size: folios are a power of two of pages`;
  if (order > pmdOrder) return `"${text}" is larger than the largest folio, ${(pageSizeBytes << pmdOrder) / 1024}kB`;
  if (order === 1) return `"${text}" is no folio size for anonymous memory: the kernel has none of two pages`;
  return order;
}
