import { type DesignName, designNames } from "../model/designs.ts";
import type { DesignCost } from "../workload/designs.ts";
import { commandLine } from "./command.ts";
import type { Look } from "./look.ts";
import { padLeft, padRight, wrap } from "./text.ts";

/** What the designs cost, as the command `designs` prints it and writes it with `--json`. */
export const designsSchemaName = "swaplab.designs/1";

export interface DesignsReport {
  readonly schema: typeof designsSchemaName;
  readonly designs: readonly DesignSummary[];
  readonly cases: readonly DesignCase[];
  readonly encodings: readonly EncodingLimit[];
}

export interface DesignSummary {
  readonly name: DesignName;
  readonly summary: string;
  /** Series of a kernel that does it so; empty where there is none. */
  readonly kernel: string;
  /** Beside what every kernel keeps, bytes. */
  readonly metadata: { readonly perClusterBytes: number; readonly perGibBytes: number };
}

/** One experiment and the step of it that is looked at. */
export interface DesignCase {
  readonly name: string;
  /** A few words, for a situation at most 22 columns. */
  readonly title: string;
  /** `folio`: 512 entries and their last user, in a table of its own. `situation`: a line in the common table. */
  readonly kind: "folio" | "situation";
  /** Nobody refers to the slots after the step. */
  readonly lastUser: boolean;
  /** Arguments that run the experiment in a guest, and the step, counted from the swapon that is step 0. */
  readonly command: readonly string[];
  readonly step: number;
  readonly costs: Readonly<Record<DesignName, DesignCost>>;
}

/** What a bit for the order, taken from a swap entry's offset, leaves of the longest device. */
export interface EncodingLimit {
  readonly architecture: string;
  readonly offsetBits: number;
  /** Decimal, because they need not fit a number. */
  readonly slots: string;
  readonly slotsWithOrder: string;
}

const situationColumns = 23;
const nameColumns = 19;

type Column = readonly [head: string, columns: number, value: (cost: DesignCost, design: DesignSummary) => number];
const columnsOfFolios: readonly Column[] = [
  ["lookups", 8, (cost) => cost.lookUps],
  ["refs", 5, (cost) => cost.references],
  ["trylocks", 9, (cost) => cost.tryLocks],
  ["freed", 6, (cost) => cost.folioFreed],
  ["locks", 6, (cost) => cost.clusterLocks],
  ["pins", 5, (cost) => cost.devicePins],
  ["scanned", 8, (cost) => cost.slotsScanned],
  ["bytes", 6, (_, design) => design.metadata.perClusterBytes],
];

/** `all`: with every design's summary, and the command behind every number. Lines of 72 columns at most. */
export function designsTable(report: DesignsReport, look: Look, all: boolean): string[] {
  const blocks = [
    ...report.cases.filter(({ kind }) => kind === "folio").map((found) => folioBlock(report, found, look)),
    legend(report, look),
    situationBlock(report, look),
    leftBehind(report, look),
    metadataBlock(report, look),
    encodingBlock(report, look),
    ...(all ? [summaryBlock(report, look), commandBlock(report, look)] : []),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function folioBlock({ designs }: DesignsReport, { title, costs }: DesignCase, { paint }: Look): string[] {
  const head = columnsOfFolios.map(([name, columns]) => padLeft(name, columns)).join("");
  const rows = designs.map((design) => {
    const cost = costs[design.name];
    const cells = columnsOfFolios.map(([, columns, value]) => padLeft(String(value(cost, design)), columns)).join("");
    return padRight(`${design.name}${cost.splitFirst ? " *" : ""}`, nameColumns) + cells;
  });
  return [paint.strong(title), paint.quiet(padRight("", nameColumns) + head), ...rows];
}

function legend({ cases }: DesignsReport, { columns, paint }: Look): string[] {
  if (cases.every(({ kind }) => kind === "situation")) return [];
  const split = cases.some(({ kind, costs }) => kind === "folio" && designNames.some((name) => costs[name].splitFirst));
  const texts = [
    "lookups, refs, trylocks: of the folio in the swap cache; freed: folios that left it; locks: of clusters; pins: of the device, for designs in no kernel " +
      "those that 6.1 has got since; scanned: slots read to find out about a run of them; bytes: kept for these 512 slots beside the byte that each has",
    ...(split ? ["* folios of this size are split before they go out, so that they are single pages here"] : []),
  ];
  return texts.flatMap((text) => wrap(text, columns, "  ")).map((line) => paint.quiet(line));
}

/** Two lines of headings, so that all designs fit beside each other. */
const heads: Readonly<Record<DesignName, readonly [string, string, number]>> = {
  before: ["", "before", 7],
  "seed-v3": ["", "seed-v3", 8],
  batched: ["", "batched", 8],
  "min-order-in-header": ["min-order", "in-header", 10],
  "min-order-reset": ["min-order", "reset", 10],
  "order-bits": ["order", "bits", 6],
};

function situationBlock({ designs, cases }: DesignsReport, { paint }: Look): string[] {
  const line = (start: string, cell: (name: DesignName) => string): string =>
    (padRight(start, situationColumns) + designs.map(({ name }) => padLeft(cell(name), heads[name][2])).join("")).trimEnd();
  const situations = cases.filter(({ kind }) => kind === "situation");
  if (situations.length === 0) return [];
  return [
    paint.strong("lookups by situation, and after a stroke the folios freed where fewer"),
    paint.quiet(line("", (name) => heads[name][0])),
    paint.quiet(line("", (name) => heads[name][1])),
    ...situations.map(({ title, costs }) => line(title, (name) => situationCell(costs[name]))),
  ];
}

function situationCell({ lookUps, folioFreed, splitFirst }: DesignCost): string {
  const text = folioFreed === lookUps ? String(lookUps) : `${lookUps}/${folioFreed}`;
  return splitFirst ? `${text}*` : text;
}

/** Slots in use although nobody refers to them any more: the folios in them are cached and nothing looks them up. */
function leftBehind({ cases }: DesignsReport, { columns }: Look): string[] {
  return cases.flatMap(({ title, costs, lastUser }) => {
    const parts = designNames.filter((name) => lastUser && costs[name].slotsLeft > 0).map((name) => `${name} ${costs[name].slotsLeft}`);
    return parts.length === 0 ? [] : wrap(`${title}: slots that stay in use when nobody refers to them any more: ${parts.join(", ")}`, columns, "  ");
  });
}

function metadataBlock({ designs }: DesignsReport, { columns }: Look): string[] {
  const parts = designs.filter(({ metadata }) => metadata.perGibBytes > 0).map(({ name, metadata }) => `${name} ${metadata.perGibBytes}`);
  return wrap(`metadata of 1 GiB of swap, bytes: ${parts.join(", ")}, the others 0`, columns, "  ");
}

function encodingBlock({ encodings }: DesignsReport, { columns }: Look): string[] {
  const limits = encodings.map(({ architecture, offsetBits, slots, slotsWithOrder }) => `${architecture} ${offsetBits} bits, ${slots} slots become ${slotsWithOrder}`);
  const text =
    `the order in the swap entry itself (naturally aligned blocks, one bit of the offset): no bytes, and half as many slots a device: ${limits.join("; ")}; ` +
    "every page of a folio has the same entry, which does not tell its slot";
  return wrap(text, columns, "  ");
}

function summaryBlock({ designs }: DesignsReport, { columns }: Look): string[] {
  return designs.flatMap(({ name, summary, kernel }) => wrap(`${name}: ${summary}${kernel === "" ? "; in no kernel" : `; as in ${kernel}`}`, columns, "  "));
}

function commandBlock({ cases }: DesignsReport, { columns }: Look): string[] {
  return cases.flatMap(({ title, command, step }) => wrap(`${title}: step ${step} of ${commandLine(command)}`, columns, "  "));
}
