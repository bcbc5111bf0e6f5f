import { computed, signal } from "@preact/signals";
import { defaultMemoryMb } from "../../src/api/request.ts";
import type { StopVisit } from "../../src/report/tour.ts";
import type { TourStop } from "../../src/workload/tour-stop.ts";
import { lab, onOpen } from "./connection.ts";
import { Job } from "./job.ts";
import { Resource } from "./resource.ts";

export const tourStops = new Resource<readonly TourStop[]>(async () => (await lab().call("tour.stops", {})).stops);
onOpen(() => void tourStops.load());

const chosenName = signal("");
export const stop = computed((): TourStop | null => {
  const all = tourStops.loaded.value.value ?? [];
  return all.find(({ name }) => name === chosenName.value) ?? all[0] ?? null;
});
export const chooseStop = (name: string): void => void (chosenName.value = name);

/** Goes to the stop before or after; stays at the ends. */
export function moveStop(by: 1 | -1): void {
  const all = tourStops.loaded.value.value ?? [];
  const next = all[all.findIndex(({ name }) => name === stop.value?.name) + by];
  if (next !== undefined) chooseStop(next.name);
}

/** What came of each stop that was visited in this window. */
export const visits = signal<ReadonlyMap<string, StopVisit>>(new Map());
/** Why the last visit came to nothing, by the name of its stop. */
export const failedVisit = signal<{ readonly name: string; readonly error: string } | null>(null);
/** The stop that guests run for; empty for none. */
export const visiting = signal("");
export const visit = new Job("tour.visit");

/** `kernel` in place of those that the stop is about; empty for those. */
export async function visitStop(name: string, kernel: string): Promise<void> {
  if (visit.isBusy.peek()) return;
  visiting.value = name;
  failedVisit.value = null;
  visit.reply.value = null;
  await visit.start({ stop: name, kernels: kernel === "" ? [] : [kernel], memoryMb: defaultMemoryMb, cold: false });
  const reply = visit.reply.peek();
  if (reply !== null) visits.value = new Map([...visits.value, [name, reply]]);
  if (visit.error.peek() !== "") failedVisit.value = { name, error: visit.error.peek() };
  visiting.value = "";
}
