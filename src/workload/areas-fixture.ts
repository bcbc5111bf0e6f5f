import { type DeviceName, onlyArea, type Workload } from "./ops.ts";

/** For tests: what a workload says that has one area and one CPU. */
export const oneArea = (pageCount: number, device: DeviceName = "nvme"): Pick<Workload, "areas" | "cpuCount"> => ({
  areas: [{ name: onlyArea, device, pageCount, priority: null }],
  cpuCount: 1,
});
