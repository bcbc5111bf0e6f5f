import type { CompareRequest } from "../../src/api/lab.ts";
import { defaultMemoryMb, timedRunsMax } from "../../src/api/request.ts";
import { x86_64 } from "../../src/model/geometry.ts";
import type { ComparedKind } from "../../src/report/comparison.ts";
import { deviceNames } from "../../src/workload/ops.ts";
import { parseFolio } from "../../src/workload/size.ts";

/** A comparison as a form has it: text, empty where the lab's own choice stands. */
export interface CompareForm {
  readonly a: string;
  readonly b: string;
  readonly experiment: string;
  readonly kernel: string;
  /** Timed runs of each side; 0 for none. */
  readonly runCount: number;
}

/** What a word is as far as it shows by itself; null for one that only the lab can tell, such as a path. */
export function operandKind(word: string): ComparedKind | null {
  const said = /^(kernel|device|folio|run):/.exec(word)?.[1];
  if (said !== undefined) return said as ComparedKind;
  if (/^\d+\.\d+$/.test(word)) return "kernel";
  if (deviceNames.some((name) => name === word)) return "device";
  if (/^\d{4}-\d{2}-\d{2}-\d+$/.test(word)) return "run";
  return /[a-z]$/i.test(word) && typeof parseFolio(word, x86_64.pageSizeBytes, x86_64.pmdOrder) === "number" ? "folio" : null;
}

/** What the two sides differ in, by the first of them that shows it. */
export const comparedKind = ({ a, b }: Pick<CompareForm, "a" | "b">): ComparedKind | null => operandKind(a.trim()) ?? operandKind(b.trim());

/** What is asked of the lab. A field that does not belong to sides of this kind is left out, whatever was typed into it before. */
export function compareRequest(form: CompareForm): CompareRequest {
  const kind = comparedKind(form);
  const [experiment, kernel] = [form.experiment.trim(), form.kernel.trim()];
  return {
    ...{ a: form.a.trim(), b: form.b.trim(), set: {}, memoryMb: defaultMemoryMb, cold: false },
    ...(takesExperiment(kind) && experiment !== "" && { experiment }),
    ...(takesKernel(kind) && kernel !== "" && { kernel }),
    runCount: takesExperiment(kind) ? Math.min(form.runCount, timedRunsMax) : 0,
  };
}

/** Runs that are over are compared as they are. */
export const takesExperiment = (kind: ComparedKind | null): boolean => kind !== "run";
export const takesKernel = (kind: ComparedKind | null): boolean => kind !== "run" && kind !== "kernel";
