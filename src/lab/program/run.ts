import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorName } from "node:util";
import type { ProgramRequest, ProgramTask, RunOutcome } from "../../api/lab.ts";
import { type Check, invariant } from "../../compare/check.ts";
import { endChecks, endRemarks, endText, isSkip, readingsOf, signalName } from "../../compare/program.ts";
import { folioKb, x86_64 } from "../../model/geometry.ts";
import type { GuestMessage } from "../../protocol/messages.ts";
import { programPayload, unpackPayload } from "../../protocol/requests.ts";
import type { ProgramResult } from "../../report/result.ts";
import type { Workload } from "../../workload/ops.ts";
import type { SwapState } from "../../workload/swap-state.ts";
import { LabError } from "../errors.ts";
import { generationOf, readBtf } from "../generation.ts";
import type { GuestFacts } from "../guest-facts.ts";
import { planGuest } from "../guest-plan.ts";
import { GuestRun, keptRun, type Played, type RunParts } from "../guest-run.ts";
import { KernelMemory } from "../kernel-memory.ts";
import { diskImagePath, guestDevices } from "../qemu/command.ts";
import { cutAll, ResultDraft } from "../result-draft.ts";
import { RunMaps } from "../run-maps.ts";
import { checkRotational } from "../rotational.ts";
import { WorkloadPlayer } from "../steps.ts";
import { SwapMemory } from "../swap-memory.ts";
import { checkAreas } from "../workload-fit.ts";
import { programArchive } from "./archive.ts";
import { type GatheredProgram, gatherProgram } from "./gather.ts";
import { ProgramOutput } from "./output.ts";
import { archiveDevice, programSettings } from "./settings.ts";
import { restChecks, settledPicture, Watch } from "./watch.ts";

/** Of a program's time by the guest's clock: a busy machine may take a few times that. */
const ceilingFactor = 4;
const ceilingExtraMs = 120_000;
/** Complaints of the kernel's that are told. */
const alarmsToldMax = 3;
/** What a guest's kernel and agent take of its memory, and the part of the rest that the files may take. */
const ownMb = 64;
const filesShare = 0.6;

type EndedMessage = Extract<GuestMessage, { kind: "ended" }>;

/** One program from the request to its bundle; see `keptRun`. */
export function runProgram(request: ProgramRequest, task: ProgramTask): Promise<RunOutcome> {
  return keptRun(new ResultDraft(request, new Date()), task, (parts) => new ProgramRun(request, parts, task.onOutput));
}

class ProgramRun extends GuestRun {
  private readonly request: ProgramRequest;
  private readonly onOutput: ProgramTask["onOutput"];
  private readonly outputs = [new ProgramOutput(), new ProgramOutput()] as const;
  private player: WorkloadPlayer | null = null;
  private readonly checks: Check[][] = [];
  private readonly maps = new RunMaps();
  private end: EndedMessage | null = null;

  constructor(request: ProgramRequest, parts: RunParts, onOutput: ProgramTask["onOutput"]) {
    super(parts);
    this.request = request;
    this.onOutput = onOutput;
  }

  protected played(): Played {
    return { steps: this.player?.steps ?? [], checks: this.checks };
  }

  protected async judge(): Promise<void> {
    const { draft, request, task } = this;
    const { parsed, folioOrder } = programSettings(request);
    draft.parsed = parsed;
    draft.cpuCount = parsed.workload.cpuCount;
    checkAreas(parsed.workload);
    task.progress("program", request.program);
    const program = await gatherProgram(request);
    draft.program = describe(request, program);
    const archive = await programArchive(program);
    checkFiles(archive.length, request.memoryMb);

    const device = parsed.workload.areas[0]!.device;
    const devices = [device, archiveDevice(device)];
    const plan = await planGuest({ ...request, devices, cpuCount: draft.cpuCount, ops: [{ op: "program" }] }, task);
    draft.kernel = plan.kernel;
    draft.accelerator = plan.accelerator;
    draft.qemu = plan.qemu;
    this.btf = await readBtf(plan.kernel.vmlinuxPath, plan.kernel.release);
    draft.probed = generationOf(this.btf, plan.kernel.release);

    const facts = await this.startGuest(plan, request.cold);
    const rotational = facts.disks.get(guestDevices(devices)[0]!.serial)?.rotational ?? null;
    draft.rotational = rotational;
    checkRotational(device, rotational);
    checkFolio(folioOrder, facts);
    await this.bringIn(archive);
    await this.play(parsed.workload, facts, folioOrder);
  }

  /** The archive is the beginning of the guest's second disk, which nobody has looked at yet but for a partition table. */
  private async bringIn(archive: Buffer): Promise<void> {
    const { task, bundle, guest } = this;
    task.progress("files", `${(archive.length / 1024 ** 2).toFixed(1)} MiB`);
    const file = await open(diskImagePath(join(bundle.scratchPath, "disk"), 1), constants.O_WRONLY);
    await file.write(archive).finally(async () => file.close());
    const { done } = await guest!.session.request(unpackPayload(1, archive.length));
    if (done.status === "failed") throw new LabError("invalid", { what: `the guest could not unpack the program's files: ${done.detail}`, where: this.request.program });
  }

  private async play(workload: Workload, facts: GuestFacts, folioOrder: number): Promise<void> {
    const { guest, task, request } = this;
    const { session, machine } = guest!;
    const memory = await SwapMemory.open(new KernelMemory(machine, this.bundle.scratchPath, task.signal), facts, this.btf!);
    const player = new WorkloadPlayer(session, memory, workload, x86_64);
    this.player = player;
    const watch = new Watch(memory);
    try {
      await player.start(task.progress);
      this.judgeStep(player, []);
      await player.allowFolios(folioOrder);
      task.progress("program", workload.title);
      watch.start();
      await player.step("program", workload.title, programPayload(request.timeoutMs), {
        limits: { ceilingMs: request.timeoutMs * ceilingFactor + ceilingExtraMs },
        heard: (message) => this.hear(message),
        picture: async () => {
          await watch.end();
          return settledPicture(memory);
        },
      });
      this.judgeStep(player, watchChecks(watch));
      if (task.onReady === undefined) await session.finish();
    } finally {
      await watch.end();
      this.draft.remarks.push(...player.played.missed);
      this.noteGarbage();
      this.noteAlarms();
      await this.keepProgram(watch);
    }
    this.judgeEnd();
  }

  private hear(message: GuestMessage): void {
    if (message.kind === "ended") this.end = message;
    if (message.kind !== "output") return;
    this.outputs[message.stream].take(message);
    this.onOutput?.(message.bytes, message.stream);
  }

  /** The kernel's memory comes first: what is wrong there may be why the program fails. */
  private judgeStep(player: WorkloadPlayer, more: readonly Check[]): void {
    const step = player.steps.at(-1)!;
    const { picture, observation } = step;
    const ofEnd = this.end === null ? [] : endChecks(this.end, this.request.timeoutMs);
    this.checks.push([...(picture === null ? [] : restChecks(picture)), ...more, ...ofEnd]);
    this.draft.readings.push(readingsOf(observation));
    this.maps.add(step, { ...observation, placements: [] }, noState);
  }

  private noteAlarms(): void {
    const alarms = this.guest!.machine.watcher.alarms;
    this.draft.remarks.push(...alarms.slice(0, alarmsToldMax).map(({ text }) => `the kernel said "${text}"; console.log has it all`));
  }

  private async keepProgram({ pictureCount }: Watch): Promise<void> {
    const { draft, end, outputs, bundle, request } = this;
    const [stdout, stderr] = [outputs[0].summary(end?.outputBytes[0] ?? null), outputs[1].summary(end?.outputBytes[1] ?? null)];
    draft.program = { ...draft.program!, ...(end !== null && endFields(end, request.timeoutMs)), pictures: pictureCount, stdout, stderr };
    if (end !== null) draft.remarks.push(...endRemarks(end));
    draft.remarks.push(...this.maps.remarks);
    await this.maps.write(bundle);
    await bundle.write("program-stdout.txt", outputs[0].bytes());
    await bundle.write("program-stderr.txt", outputs[1].bytes());
  }

  /** What is neither right nor wrong: the program itself, or the kernel, says that it cannot be run here. */
  private judgeEnd(): void {
    const { end, request } = this;
    if (end === null || this.checks.some((list) => list.some(({ ok }) => !ok))) return;
    if (end.how === "refused") {
      throw new LabError("invalid", { what: `the guest could not start it: ${getSystemErrorName(-end.value)}`, where: request.program, next: "ENOENT: a loader or interpreter is missing. ENOEXEC: the kernel does not know its form." });
    }
    if (isSkip(end)) throw new LabError("invalid", { what: `skipped by the program: it ${endText(end, request.timeoutMs)}, with which a kernel selftest says that it cannot be run here`, where: request.program });
  }
}

function watchChecks({ pictureCount, broken }: Watch): Check[] {
  if (pictureCount === 0) return [];
  const first = broken[0];
  const required = "in order";
  const real = first === undefined ? required : `${first.name}: ${first.real} in place of ${first.model}`;
  return [invariant("memory.while_running", required, real, "what the kernel keeps twice agrees whenever no lock is held")];
}

/** The model has no part in it. */
const noState: SwapState = { freeSlots: 0, totalSlots: 0, cpus: [], areas: [] };
const quietStream: ProgramResult["stdout"] = { sizeBytes: 0, keptBytes: 0, lines: [] };

function describe({ program, args, files, timeoutMs }: ProgramRequest, { sha256, sizeBytes, libraries }: GatheredProgram): ProgramResult {
  return {
    ...{ path: program, args: cutAll(args), sha256, sizeBytes, libraries: cutAll(libraries), files: cutAll(files), timeoutMs },
    ...{ end: "none", endText: "", exitCode: null, signal: "", leftBehind: 0, oomKills: 0, pictures: 0, stdout: quietStream, stderr: quietStream },
  };
}

function endFields(end: EndedMessage, timeoutMs: number): Pick<ProgramResult, "end" | "endText" | "exitCode" | "signal" | "leftBehind" | "oomKills"> {
  const { how, value, leftBehind, oomKills } = end;
  return { end: how, endText: endText(end, timeoutMs), exitCode: how === "exit" ? value : null, signal: how === "signal" ? signalName(value) : "", leftBehind, oomKills };
}

function checkFiles(sizeBytes: number, memoryMb: number): void {
  const neededMb = Math.ceil(sizeBytes / 1024 ** 2);
  if (neededMb <= (memoryMb - ownMb) * filesShare) return;
  throw new LabError("invalid", {
    what: `the program and its files take ${neededMb} MiB of the guest's ${memoryMb} MiB`,
    next: `Leave some of them out, or use --memory ${ownMb + Math.ceil(neededMb / filesShare)}M or more.`,
  });
}

function checkFolio(order: number, { folioSizesKb }: GuestFacts): void {
  const wanted = folioKb(x86_64, order);
  if (order === 0 || folioSizesKb.includes(wanted)) return;
  throw new LabError("invalid", { what: `this kernel has no folios of ${wanted} kB for anonymous memory; it has ${folioSizesKb.map((kb) => `${kb}kB`).join(", ")}`, where: "--folio" });
}
