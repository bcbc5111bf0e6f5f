import { parseDifference, partsOnlyIn } from "../compare/difference.ts";
import { isMemory, isPlacement, isReturns } from "./labels.ts";
import { firstPlacementDifference, parsePlacement, showRun, type PlacementRun } from "./placement.ts";
import type { Check, Reading } from "./result.ts";
import { displayWidth, fitEnd, fitMiddle, sanitize } from "./text.ts";
import type { Symbols } from "./look.ts";

/** One check as a table shows it: both values short enough for their columns, and a word beside them. */
export interface Cells {
  readonly model: string;
  readonly real: string;
  readonly mark: string;
  readonly note: string;
}

/** `columns` bounds each of the two values. */
export function checkCells(check: Check, columns: number, symbols: Symbols): Cells {
  const mark = !check.ok ? symbols.differs : check.kind === "bounded" ? symbols.bounded : symbols.equal;
  const { model, real, note } = values(check, columns, symbols);
  return {
    model: fitMiddle(model, columns, symbols.ellipsis),
    real: fitMiddle(real, columns, symbols.ellipsis),
    mark,
    note,
  };
}

/** What was seen and not predicted: nothing stands beside it. */
export function readingCells({ name, value }: Reading, columns: number, symbols: Symbols): Cells {
  const { real } = values({ name, kind: "exact", model: value, real: value, ok: true }, columns, symbols);
  return { model: symbols.nothing, real: fitMiddle(real, columns, symbols.ellipsis), mark: "", note: "" };
}

type Values = Omit<Cells, "mark">;

function values(check: Check, columns: number, symbols: Symbols): Values {
  const { model, real } = check;
  if (typeof model === "string" && typeof real === "string") {
    if (isPlacement(check)) return placementValues(model, real, symbols) ?? textValues(model, real, columns, symbols);
    if (isMemory(check)) return memoryValues(model, real) ?? textValues(model, real, columns, symbols);
    if (isReturns(check)) return returnValues(model, real, symbols) ?? textValues(model, real, columns, symbols);
    return textValues(model, real, columns, symbols);
  }
  return { model: showScalar(model), real: showScalar(real), note: numberNote(check) };
}

export function showScalar(value: number | string): string {
  return value === "" ? "none" : sanitize(String(value));
}

function numberNote(check: Check): string {
  if (check.kind === "bounded") {
    const range = `${check.low ?? ""}..${check.high ?? ""}`;
    return range === ".." ? "" : range;
  }
  if (check.ok || typeof check.model !== "number" || typeof check.real !== "number") return "";
  const difference = check.real - check.model;
  return difference > 0 ? `+${difference}` : String(difference);
}

/** Equal placements show their most telling run, different ones what each side has where they part. */
function placementValues(modelText: string, realText: string, symbols: Symbols): Values | null {
  const model = parsePlacement(modelText);
  const real = parsePlacement(realText);
  if (model === null || real === null) return null;
  if (modelText === realText) {
    const several = real.length > 1;
    const text = showRun(tellingRun(real)) + (several ? symbols.more : "");
    return { model: text, real: text, note: several ? `${real.length} runs` : "" };
  }
  const difference = firstPlacementDifference(model, real);
  if (difference === null) return null;
  return { model: showRun(difference.model), real: showRun(difference.real), note: `page ${difference.page}` };
}

function tellingRun(runs: readonly PlacementRun[]): PlacementRun | undefined {
  return runs.find((run) => run.state === "swap") ?? runs[0];
}

/** Of two rows of things that differ, what each side has at the first such place. */
function memoryValues(modelText: string, realText: string): Values | null {
  const model = parseDifference(modelText);
  const real = parseDifference(realText);
  if (model === null || real === null || model.place !== real.place) return null;
  return { model: sanitize(partsOnlyIn(model.words, real.words)), real: sanitize(partsOnlyIn(real.words, model.words)), note: sanitize(model.place) };
}

/** `-512:1 16:256` as `-512 ×1 16 ×256`; of different ones only the return values whose hits differ. */
function returnValues(modelText: string, realText: string, symbols: Symbols): Values | null {
  const model = parseReturns(modelText);
  const real = parseReturns(realText);
  if (model === null || real === null) return null;
  const show = (own: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string => {
    const kept = [...own].filter(([value, hits]) => modelText === realText || other.get(value) !== hits);
    return kept.length === 0 ? "none" : kept.map(([value, hits]) => `${value} ${symbols.times}${hits}`).join(" ");
  };
  return { model: show(model, real), real: show(real, model), note: "" };
}

function parseReturns(text: string): ReadonlyMap<string, string> | null {
  const hits = new Map<string, string>();
  if (text === "none") return hits;
  for (const part of text.split(" ")) {
    const match = /^(-?\d{1,12}):(\d{1,15})$/.exec(part);
    if (match === null) return null;
    hits.set(match[1] ?? "", match[2] ?? "");
  }
  return hits;
}

/** Two texts; long ones that differ are shown from shortly before the place where they part. */
function textValues(modelText: string, realText: string, columns: number, symbols: Symbols): Values {
  const model = showScalar(modelText);
  const real = showScalar(realText);
  if (model === real || Math.max(displayWidth(model), displayWidth(real)) <= columns) return { model, real, note: "" };
  let parting = 0;
  while (parting < model.length && model[parting] === real[parting]) parting += 1;
  const start = Math.max(0, parting - 2);
  const cut = (text: string): string => fitEnd(start === 0 ? text : symbols.ellipsis + text.slice(start), columns, symbols.ellipsis);
  return { model: cut(model), real: cut(real), note: `character ${parting + 1}` };
}
