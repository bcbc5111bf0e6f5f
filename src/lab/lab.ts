import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DoctorItem, Lab, LabTask, RunRequest } from "../api/lab.ts";
import { defaultKernel, defaultMemoryMb } from "../api/request.ts";
import { x86_64 } from "../model/geometry.ts";
import { wrap } from "../report/text.ts";
import type { AreaDeclaration } from "../workload/ops.ts";
import { opText } from "../workload/text.ts";
import { predict, traceText } from "../workload/predict.ts";
import { listRuns, openRun, readRunFile } from "./bundle.ts";
import { compareSides } from "./compare.ts";
import { openConsole } from "./console.ts";
import { measureDesigns, playDesigns } from "./designs.ts";
import { examineHost } from "./doctor.ts";
import { LabError } from "./errors.ts";
import { listExperiments, openExperiment, parseExperiment } from "./experiments.ts";
import { generationOf, readBtf } from "./generation.ts";
import { imagesDir } from "./guest-image.ts";
import { describeGuest, planGuest } from "./guest-plan.ts";
import { fetchNewest, listKernels } from "./kernels/open.ts";
import { kernelsInFolders } from "./kernels/own-folders.ts";
import { runMatrix, runWhoCatches } from "./matrix.ts";
import { checkExperiment, listOwnExperiments, readExperiment, removeExperiment, saveExperiment } from "./own-experiments.ts";
import { qemuArguments, qemuProgram } from "./qemu/command.ts";
import { exploreMutants, exploreRace, listRaces } from "./races.ts";
import { runExperiment } from "./run.ts";
import { runProgram } from "./program/run.ts";
import { exportRun, importRun } from "./run-archive.ts";
import { forcedGeneration, overridesOf } from "./run-request.ts";
import { removeRun, renameRun, restoreRun } from "./run-store.ts";
import { readSettings, writeSettings } from "./settings.ts";
import { tourStops, visitStop } from "./tour.ts";

/** The lab on this machine. */
export function createLab(): Lab {
  return {
    run: runExperiment,
    runProgram,
    matrix: runMatrix,
    whoCatches: runWhoCatches,
    compare: compareSides,
    dryRun,
    listExperiments,
    listRuns,
    openRun,
    readRunFile,
    renameRun,
    removeRun,
    restoreRun,
    exportRun,
    importRun,
    designs: playDesigns,
    measureDesigns,
    tourStops,
    visitStop,
    races: listRaces,
    race: exploreRace,
    raceMutants: exploreMutants,
    listOwnExperiments,
    readExperiment,
    checkExperiment,
    saveExperiment,
    removeExperiment,
    readSettings,
    writeSettings,
    kernels: async () => [...(await listKernels()), ...(await kernelsInFolders((await readSettings()).kernelFolders))],
    fetchKernel: fetchNewest,
    doctor,
    console: openConsole,
  };
}

/** The guest is not started, so its folio sizes are not known: the workload stands as it is written. */
async function dryRun(request: RunRequest, task: LabTask): Promise<string> {
  const { workload } = parseExperiment(openExperiment(request.experiment), overridesOf(request));
  const plan = await planGuest({ ...request, devices: workload.areas.map(({ device }) => device), cpuCount: workload.cpuCount }, task);
  const generation = forcedGeneration(request) ?? generationOf(await readBtf(plan.kernel.vmlinuxPath, plan.kernel.release), plan.kernel.release);
  const predicted = predict(workload, { generation, geometry: x86_64, scanStarts: [] });
  const placeholders = {
    diskPath: "RUN/scratch/disk",
    consoleLogPath: "RUN/console.log",
    qmpSocketPath: "SOCKETS/qmp",
    consoleSocketPath: "SOCKETS/console",
    wireSocketPath: "SOCKETS/wire",
  };
  return [
    ...wrap(`workload ${workload.name}: ${workload.title}`, dryRunColumns, "  "),
    ...workload.areas.map(areaText),
    ...workload.ops.map((op, index) => `  ${index + 1}  ${opText(op)}`),
    "",
    `prediction of generation ${generation.name}${generation.booted ? "" : " (never held against a kernel)"} for ${plan.kernel.release}`,
    traceText(workload, predicted),
    "command",
    `  ${describeGuest([qemuProgram, ...qemuArguments(plan.description, placeholders)])}`,
  ].join("\n");
}

const dryRunColumns = 80;

/** `  area swap0 on nvme, 65536 kB, priority 10`. */
const areaText = ({ name, device, pageCount, priority }: AreaDeclaration): string =>
  `  area ${name} on ${device}, ${(pageCount * x86_64.pageSizeBytes) / 1024} kB, priority ${priority ?? "left to the kernel"}`;

async function doctor(task: LabTask): Promise<readonly DoctorItem[]> {
  const accelerator = await triedAccelerator(task);
  return examineHost({ accelerator, guestImagePath: await newestImage() }, task);
}

/** Really tries, which takes a kernel; without one in the cache it can only say so. */
async function triedAccelerator(task: LabTask): Promise<{ name: string; reason: string }> {
  const fetched = (await listKernels()).find((kernel) => kernel.fetched);
  if (fetched === undefined) return { name: "", reason: `not tried yet: no kernel has been fetched (npm start -- kernels fetch ${defaultKernel})` };
  try {
    const plan = await planGuest({ kernel: fetched.series, memoryMb: defaultMemoryMb, devices: ["nvme"], cpuCount: 1 }, task);
    return plan.accelerator;
  } catch (error) {
    if (task.signal.aborted || !(error instanceof LabError)) throw error;
    return { name: "", reason: `not tried: ${error.message}` };
  }
}

async function newestImage(): Promise<string> {
  const names = await readdir(imagesDir()).catch(() => []);
  const image = names.find((name) => name.endsWith(".cpio"));
  return image === undefined ? "" : join(imagesDir(), image);
}
