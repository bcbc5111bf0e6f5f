import { join } from "node:path";
import type { LabTask, RunRequest, RunTask } from "../api/lab.ts";
import { preparePayloads } from "../protocol/requests.ts";
import type { DeviceName } from "../workload/ops.ts";
import { modelledCalls, modelledReturns } from "../workload/predict.ts";
import { type AcceleratorChoice, chooseAccelerator, qemuVersion } from "./accelerator.ts";
import type { BundleWriter } from "./bundle.ts";
import { LabError } from "./errors.ts";
import { readBtf } from "./generation.ts";
import { type GuestImage, guestImage } from "./guest-image.ts";
import type { KernelImage } from "./kernels/image.ts";
import { openKernel } from "./kernels/open.ts";
import { type Lack, lackedByOps, type Purpose, requirements } from "./kernels/requirements.ts";
import { type MachineDescription, shellQuote } from "./qemu/command.ts";
import { readSettings } from "./settings.ts";
import { type PreparedGuest, startPreparedGuest } from "./start.ts";
import { swapSymbols } from "./swap-reader.ts";
import { StateStore } from "./warm.ts";

/** Everything that has to be there before QEMU can be started. */
export interface GuestPlan {
  readonly kernel: KernelImage;
  readonly image: GuestImage;
  readonly accelerator: AcceleratorChoice;
  readonly qemu: string;
  readonly description: MachineDescription;
  /** Functions whose calls are counted, and those whose return values are. */
  readonly probes: readonly string[];
  readonly returns: readonly string[];
}

export type GuestRequest = Pick<RunRequest, "kernel" | "memoryMb" | "accelerator" | "unprobed" | "instructionClock"> & { readonly devices: readonly DeviceName[]; readonly cpuCount: number; readonly ops?: readonly Purpose[] };

/**
 * Finds or fetches the kernel, builds the guest's image, and chooses the accelerator.
 *
 * @throws LabError `invalid` naming what the kernel lacks, `host` for what this machine lacks
 */
export async function planGuest(request: GuestRequest, task: LabTask): Promise<GuestPlan> {
  task.progress("kernel", request.kernel);
  const [kernel, qemu] = await Promise.all([openKernel(request.kernel, task), qemuVersion(task.signal)]);
  const lacks = [...requirements(kernel, request.devices), ...(await missingForOps(kernel, request.ops ?? []))];
  if (lacks.length > 0) throw lacking(kernel, lacks);
  const image = await guestImage(kernel, request.devices, task);
  const machine = {
    kernel,
    initramfsPath: image.path,
    devices: request.devices,
    memoryMb: request.memoryMb,
    cpuCount: request.cpuCount,
    instructionClock: request.instructionClock === true,
    appendExtra: [],
  };
  const accelerator = await chooseAccelerator({ machine, qemuVersion: qemu, forced: await wantedAccelerator(request), signal: task.signal, progress: task.progress });
  const [probes, returns] = request.unprobed ? [[], []] : [modelledCalls, modelledReturns];
  return { kernel, image, accelerator, qemu, description: { ...machine, accelerator: accelerator.name }, probes, returns };
}

/** Only an emulated guest's instructions can be counted. */
async function wantedAccelerator({ accelerator, instructionClock }: GuestRequest): Promise<"tcg" | "kvm" | undefined> {
  if (!instructionClock) return accelerator ?? preferredAccelerator();
  if (accelerator !== "kvm") return "tcg";
  throw new LabError("usage", { what: "a guest under kvm cannot have a clock that counts its instructions", next: "Leave out --instruction-clock, or choose --accel tcg." });
}

async function preferredAccelerator(): Promise<"tcg" | "kvm" | undefined> {
  const { accelerator } = await readSettings();
  return accelerator === "auto" ? undefined : accelerator;
}

/** What the kernel was built without and these ops are about. */
export const missingForOps = (kernel: KernelImage, ops: readonly Purpose[]): Promise<Lack[]> =>
  lackedByOps(kernel.config, ops, () => readBtf(kernel.vmlinuxPath, kernel.release));

export function lacking(kernel: KernelImage, lacks: readonly Lack[]): LabError {
  return new LabError("invalid", {
    what: `its configuration lacks ${lacks.map(({ what, why }) => `${what} (${why})`).join(", ")}`,
    where: `kernel ${kernel.release === "" ? kernel.name : kernel.release}`,
    next: "Build it with these options, or choose another --kernel or --device.",
  });
}

/** Boots or restores the guest with everything installed that observes it. */
export async function startGuest(plan: GuestPlan, bundle: Pick<BundleWriter, "scratchPath" | "pathOf">, cold: boolean, task: LabTask & Pick<RunTask, "onConsole">): Promise<PreparedGuest> {
  return startPreparedGuest({
    description: plan.description,
    qemuVersion: plan.qemu,
    initramfsSha256: plan.image.sha256,
    preparePayloads: preparePayloads({
      modules: plan.image.modules,
      probes: plan.probes,
      returns: plan.returns,
      symbols: swapSymbols,
    }),
    diskPath: join(bundle.scratchPath, "disk"),
    consoleLogPath: bundle.pathOf("console.log"),
    wireLogPath: bundle.pathOf("wire.log"),
    store: cold ? null : new StateStore(),
    signal: task.signal,
    progress: task.progress,
    onConsole: task.onConsole,
  });
}

/** QEMU's command line as a person would type it. */
export const describeGuest = (command: readonly string[]): string =>
  command.map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : shellQuote(word))).join(" ");
