import type { ProgramRequest, RunRequest } from "../api/lab.ts";
import { programArguments, runArguments } from "../api/request.ts";
import type { Check } from "../compare/check.ts";
import { firstDivergence } from "../compare/compare.ts";
import type { Generation } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { describeDivergence } from "../report/divergence.ts";
import { type ProgramResult, type Reading, type Result, resultLimits, resultSchemaName, type Step } from "../report/result.ts";
import { deviceTraits } from "../workload/devices.ts";
import type { AreaName, DeviceName } from "../workload/ops.ts";
import type { ParsedWorkload } from "../workload/parse.ts";
import type { AcceleratorChoice } from "./accelerator.ts";
import type { LabError } from "./errors.ts";
import type { DiskFacts } from "./guest-facts.ts";
import { GuestError } from "./guest-failure.ts";
import type { KernelImage } from "./kernels/image.ts";
import type { DoneStep } from "./steps.ts";

const cut = (text: string): string => (text.length <= resultLimits.lineLength ? text : `${text.slice(0, resultLimits.lineLength - 1)}…`);
export const cutAll = (texts: readonly string[]): string[] => texts.slice(0, resultLimits.listLength).map(cut);

/** A result while it comes about: what is known so far, so that a run that ends early still says all of it. */
export class ResultDraft {
  readonly request: RunRequest | ProgramRequest;
  readonly startedAt: Date;
  run = "";
  parsed: ParsedWorkload | null = null;
  kernel: KernelImage | null = null;
  probed: Generation | null = null;
  predicting: Generation | null = null;
  accelerator: AcceleratorChoice | null = null;
  qemu = "";
  cpuCount = 1;
  start: Result["host"]["start"] = "none";
  rotational: boolean | null = null;
  /** What the guest says of the device of each area, once it was asked. */
  disks: ReadonlyMap<AreaName, DiskFacts> = new Map();
  bootMs = 0;
  program: ProgramResult | null = null;
  /** By step, where nothing was predicted. */
  readonly readings: (readonly Reading[])[] = [];
  readonly assumptions: string[] = [];
  readonly remarks: string[] = [];
  private readonly startedAtMs = performance.now();

  constructor(request: RunRequest | ProgramRequest, startedAt: Date) {
    this.request = request;
    this.startedAt = startedAt;
  }

  /** The result of a run whose workload was played to its end and compared, one list of checks a step. */
  judged(steps: readonly DoneStep[], checks: readonly (readonly Check[])[]): Result {
    const written = this.writeSteps(steps, checks);
    const divergence = firstDivergence(checks);
    const base = { ...this.base(), steps: written };
    if (divergence === null) {
      const count = checks.reduce((sum, list) => sum + list.length, 0);
      return { ...base, verdict: "pass", reason: `all ${count} checks hold` };
    }
    const first = { ...divergence, op: written[divergence.step]?.op ?? "" };
    return { ...base, verdict: "fail", reason: cut(describeDivergence(first, written)), firstDivergence: first };
  }

  /** The result of a run that could not be judged, with the steps that were. */
  ended(error: LabError, steps: readonly DoneStep[], checks: readonly (readonly Check[])[]): Result {
    const verdict = error.kind === "lost" ? "lost" : "invalid";
    const lastWords = error instanceof GuestError ? [...error.lastWords, ...qemuLines(error)] : [];
    return { ...this.base(), verdict, reason: cut(error.message), steps: this.writeSteps(steps, checks), lastWords: cutAll(lastWords) };
  }

  private base(): Result {
    const { request, parsed, kernel, probed, accelerator } = this;
    const predicting = this.predicting ?? probed;
    const areas = (parsed?.workload.areas ?? []).map(({ name, device, pageCount, priority }) => ({
      name,
      device,
      swapKb: (pageCount * x86_64.pageSizeBytes) / 1024,
      priority,
      rotational: this.disks.get(name)?.rotational ?? null,
    }));
    return {
      schema: resultSchemaName,
      run: this.run,
      startedAt: this.startedAt.toISOString(),
      verdict: "invalid",
      reason: "",
      experiment: {
        name: cut(parsed?.workload.name ?? ("program" in request ? request.program : request.experiment)),
        title: cut(parsed?.workload.title ?? ""),
        device: [...new Set(areas.map(({ device }) => device))].join(" and ") || (request.device ?? ""),
        rotational: this.rotational,
        ...(areas.length > 0 && { rotationalCause: causesOf(areas.map(({ device }) => device)) }),
        swapKb: areas.reduce((sum, { swapKb }) => sum + swapKb, 0),
        ...(areas.length > 1 && { areas }),
        parameters: parsed?.parameters ?? {},
      },
      kernel: {
        name: cut(request.kernel),
        release: cut(kernel?.release ?? ""),
        packageVersion: cut(kernel?.packageVersion ?? ""),
        sha256: kernel?.sha256 ?? "",
        generation: probed?.name ?? "",
        features: probed?.summary ?? "",
      },
      command: cutAll("program" in request ? programArguments(request) : runArguments(request)),
      model: "program" in request ? { generation: "", forced: false } : { generation: predicting?.name ?? request.model ?? "", forced: request.model !== undefined },
      host: {
        accelerator: accelerator?.name ?? "",
        acceleratorReason: cut(accelerator?.reason ?? ""),
        ...(request.instructionClock && { clock: "instructions" as const }),
        qemu: cut(this.qemu),
        cpuCount: this.cpuCount,
        memoryMb: request.memoryMb,
        start: this.start,
      },
      assumptions: cutAll(this.assumptions),
      remarks: cutAll(this.remarks),
      timings: { bootMs: Math.round(this.bootMs), toVerdictMs: Math.round(performance.now() - this.startedAtMs) },
      firstDivergence: null,
      steps: [],
      ...(this.program !== null && { program: this.program }),
      lastWords: [],
    };
  }

  private writeSteps(steps: readonly DoneStep[], checks: readonly (readonly Check[])[]): Step[] {
    return steps.map((step, index) => ({
      index,
      op: step.op,
      text: cut(step.text),
      durationMs: toTenth(step.durationMs),
      ...(step.opNs !== null && { opNs: step.opNs }),
      ...(step.picture !== null && { memoryMs: toTenth(step.picture.stoppedMs) }),
      checks: (checks[index] ?? []).map((check) => ({ ...check })),
      ...(this.readings[index] !== undefined && { readings: [...this.readings[index]] }),
    }));
  }
}

/** What makes the devices be seen as rotating or not, where there was a choice. */
const causesOf = (devices: readonly DeviceName[]): string =>
  [...new Set(devices.map((device) => deviceTraits[device].rotatingBecause))].filter((cause) => cause !== "").join("; ");

function qemuLines(error: GuestError): string[] {
  return error.qemuStderr.split("\n").filter((line) => line.trim() !== "").map((line) => `qemu: ${line}`);
}

const toTenth = (value: number): number => Math.round(value * 10) / 10;
