import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { RunOutcome } from "../api/lab.ts";
import { nearNames } from "../api/near.ts";
import { x86_64 } from "../model/geometry.ts";
import { comparedKinds, type ComparedKind } from "../report/comparison.ts";
import { deviceNames } from "../workload/ops.ts";
import { parseFolio } from "../workload/size.ts";
import { isRunName, openRun } from "./bundle.ts";
import { LabError } from "./errors.ts";
import { catalogue, findSeries } from "./kernels/catalogue.ts";

/** A side of a comparison, known for what it is. */
export type Operand =
  | { readonly kind: Exclude<ComparedKind, "run">; readonly label: string; readonly value: string }
  | { readonly kind: "run"; readonly label: string; readonly outcome: RunOutcome };

const nouns: Readonly<Record<ComparedKind, string>> = { kernel: "a kernel", device: "a device", folio: "a folio size", run: "a run" };

/**
 * Two sides that are of one kind.
 *
 * @throws LabError `usage` for a word that is none of these or several, and for sides of different kinds
 */
export async function openOperands(a: string, b: string): Promise<[Operand, Operand]> {
  const [first, second] = [await openOperand(a), await openOperand(b)];
  if (first.kind === second.kind) return [first, second];
  throw new LabError("usage", {
    what: `"${a}" is ${nouns[first.kind]} and "${b}" is ${nouns[second.kind]}; both sides must be of one kind`,
    next: "Compare two kernels, two devices, two folio sizes or two runs; the rest goes into options such as --kernel and --device.",
  });
}

async function openOperand(word: string): Promise<Operand> {
  const [, said, rest] = /^(kernel|device|folio|run):(.+)$/s.exec(word) ?? [];
  const named = comparedKinds.find((kind) => kind === said);
  if (named !== undefined && rest !== undefined) return operandOf(named, rest);
  const kinds = await kindsOf(word);
  if (kinds.length === 1) return operandOf(kinds[0]!, word);
  if (kinds.length > 1) {
    const choices = kinds.map((kind) => `${kind}:${word}`).join(" or ");
    throw new LabError("usage", { what: `"${word}" can be ${kinds.map((kind) => nouns[kind]).join(" and ")}`, next: `Say which: ${choices}.` });
  }
  throw noOperand(word);
}

function noOperand(word: string): LabError {
  const near = nearNames(word, [...catalogue.series.map(({ name }) => name), ...deviceNames]);
  const next = near.length === 0 ? "Give a series from `npm start -- kernels`, a path, a device, a folio size such as 64kB, or a run from `npm start -- list --runs`." : `Did you mean ${near.join(" or ")}?`;
  return new LabError("usage", { what: `"${word}" is neither a kernel, a device, a folio size nor a run`, next });
}

async function operandOf(kind: ComparedKind, word: string): Promise<Operand> {
  if (kind === "run") {
    const outcome = await openRun(isBundle(word) ? pathOf(word) : word);
    return { kind, label: outcome.result.run === "" ? word : outcome.result.run, outcome };
  }
  return { kind, label: word, value: word };
}

async function kindsOf(word: string): Promise<ComparedKind[]> {
  const isRun = isBundle(word) || (await isRunName(word));
  const is: Readonly<Record<ComparedKind, boolean>> = { kernel: isKernel(word, isRun), device: isDevice(word), folio: isFolio(word), run: isRun };
  return comparedKinds.filter((kind) => is[kind]);
}

const isDevice = (word: string): boolean => deviceNames.some((name) => name === word);
/** With a unit: a number alone is nearer to a series. */
const isFolio = (word: string): boolean => /[a-z]$/i.test(word) && typeof parseFolio(word, x86_64.pageSizeBytes, x86_64.pmdOrder) === "number";
const isBundle = (word: string): boolean => existsSync(join(pathOf(word), "result.json"));

/** What looks like a series or a path is a kernel, be it that there is none: that is then said by who opens it. */
function isKernel(word: string, isRun: boolean): boolean {
  if (findSeries(word) !== undefined) return true;
  if (isRun) return existsSync(join(pathOf(word), "arch/x86/boot/bzImage"));
  return /^\d+\.\d+$/.test(word) || word.includes("/") || existsSync(pathOf(word));
}

const pathOf = (word: string): string => (word.startsWith("~/") ? join(homedir(), word.slice(2)) : resolve(word));
