import type { ReplyOf } from "../../src/api/contract.ts";
import type { DoctorItem, KernelSummary, RunList } from "../../src/api/lab.ts";
import { lab, onOpen } from "./connection.ts";
import { Resource } from "./resource.ts";

/** Runs that are listed. Older ones are counted. */
const newestCount = 500;

export const experiments = new Resource<ReplyOf<"experiments.list">["experiments"]>(async () => (await lab().call("experiments.list", {})).experiments);
export const kernels = new Resource<readonly KernelSummary[]>(async () => (await lab().call("kernels.list", {})).kernels);
export const runs = new Resource<RunList>(async () => lab().call("runs.list", { newestCount }));
export const doctor = new Resource<readonly DoctorItem[]>(async () => (await lab().call("doctor", {})).items);

onOpen((client) => {
  for (const list of [experiments, kernels, runs]) void list.load();
  client.on("changed", ({ what }) => {
    if (what !== "settings") void { runs, kernels, experiments }[what].load();
  });
});
