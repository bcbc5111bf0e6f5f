import { computed, signal } from "@preact/signals";
import { deviceNames } from "../../src/workload/ops.ts";
import { type CompareForm, compareRequest } from "./compare-request.ts";
import { folioNames } from "./folios.ts";
import { Job } from "./job.ts";
import { kernels, runs } from "./lists.ts";

export const compareForm = signal<CompareForm>({ a: "", b: "", experiment: "", kernel: "", runCount: 0 });
export const comparing = new Job("compare");

export const canCompare = computed(() => compareForm.value.a.trim() !== "" && compareForm.value.b.trim() !== "");

export const changeCompareForm = (change: Partial<CompareForm>): void => void (compareForm.value = { ...compareForm.value, ...change });

export function startComparison(): void {
  if (canCompare.peek() && !comparing.isBusy.peek()) void comparing.start(compareRequest(compareForm.peek()));
}

/** What a side may be, and what it is. */
export const operands = computed((): readonly (readonly [value: string, says: string])[] => [
  ...(kernels.loaded.value.value ?? []).map(({ series }) => [series, "kernel"] as const),
  ...deviceNames.map((name) => [name, "device"] as const),
  ...folioNames.map((name) => [name, "folio size"] as const),
  ...(runs.loaded.value.value?.runs ?? []).flatMap((run) => (run.ok ? [[run.name, ["run", run.label, run.experiment, run.release].filter((text) => text !== "").join(", ")] as const] : [])),
]);
