import type { LiveGuest, RunOutcome, RunTask } from "../api/lab.ts";
import type { Check } from "../compare/check.ts";
import { x86_64 } from "../model/geometry.ts";
import type { Btf } from "./btf.ts";
import { beginBundle, type BundleWriter } from "./bundle.ts";
import { attachConsole } from "./console.ts";
import { LabError } from "./errors.ts";
import { type GuestFacts, readGuestFacts } from "./guest-facts.ts";
import { describeGuest, type GuestPlan, startGuest } from "./guest-plan.ts";
import type { ResultDraft } from "./result-draft.ts";
import type { PreparedGuest } from "./start.ts";
import type { DoneStep } from "./steps.ts";
import { checkCpus } from "./workload-fit.ts";

/** What a run is given. */
export interface RunParts {
  readonly draft: ResultDraft;
  readonly bundle: BundleWriter;
  readonly task: RunTask;
}

/** Steps that the guest has carried out, and for each its checks. */
export interface Played {
  readonly steps: readonly DoneStep[];
  readonly checks: readonly (readonly Check[])[];
}

/**
 * One run from the request to its bundle. Resolves whenever there is a verdict; what keeps a run from being judged is
 * a verdict too (`invalid`, `lost`). Rejects only when it was stopped, or when something of our own is broken.
 */
export async function keptRun(draft: ResultDraft, task: RunTask, make: (parts: RunParts) => GuestRun): Promise<RunOutcome> {
  let bundle: BundleWriter;
  try {
    bundle = await beginBundle(draft.startedAt);
  } catch (error) {
    return { result: draft.ended(asVerdict(error, task), [], []), bundlePath: "" };
  }
  draft.run = bundle.name;
  try {
    return await make({ draft, bundle, task }).perform();
  } catch (error) {
    await bundle.abandon();
    // The bundle could not be completed: the verdict is lost, but not the reason.
    draft.run = "";
    return { result: draft.ended(asVerdict(error, task), [], []), bundlePath: "" };
  }
}

/** An error that is a verdict; anything else is thrown on, and so is everything after a stop. */
function asVerdict(error: unknown, task: RunTask): LabError {
  if (task.signal.aborted || !(error instanceof LabError)) throw error;
  return error;
}

/** A run with a guest of its own: how it comes up, how the result is kept, how it ends. */
export abstract class GuestRun {
  protected readonly draft: ResultDraft;
  protected readonly bundle: BundleWriter;
  protected readonly task: RunTask;
  protected guest: PreparedGuest | null = null;
  protected btf: Btf | null = null;

  constructor({ draft, bundle, task }: RunParts) {
    this.draft = draft;
    this.bundle = bundle;
    this.task = task;
  }

  /** Everything up to the verdict. A LabError is one too. */
  protected abstract judge(): Promise<void>;
  protected abstract played(): Played;

  async perform(): Promise<RunOutcome> {
    let error: LabError | null = null;
    try {
      try {
        await this.judge();
      } catch (thrown) {
        error = asVerdict(thrown, this.task);
      }
      const outcome = await this.complete(error);
      if (error === null && this.guest !== null && this.task.onReady !== undefined) {
        await this.task.onReady(outcome, liveGuest(this.guest));
      }
      return outcome;
    } finally {
      await this.stopGuest();
    }
  }

  protected async startGuest(plan: GuestPlan, cold: boolean): Promise<GuestFacts> {
    const { draft } = this;
    const guest = await startGuest(plan, this.bundle, cold, this.task);
    this.guest = guest;
    draft.start = guest.start;
    draft.bootMs = guest.readyMs;
    draft.remarks.push(...guest.remarks);
    const facts = readGuestFacts(guest.messages, x86_64.pageSizeBytes / 1024);
    checkCpus(facts, draft.cpuCount);
    draft.rotational = [...facts.disks.values()].some(({ rotational }) => rotational);
    for (const remark of facts.remarks) if (!draft.remarks.includes(remark)) draft.remarks.push(remark);
    await this.bundle.write("qemu-command.txt", `${describeGuest(guest.machine.command)}\n`);
    return facts;
  }

  protected noteGarbage(): void {
    const counters = this.guest?.session.counters;
    if (counters === undefined || counters.garbageLines + counters.repeats === 0) return;
    this.draft.remarks.push(`the wire carried ${counters.garbageLines} lines that were no message and ${counters.repeats} repeats; wire.log shows them`);
  }

  protected async stopGuest(): Promise<void> {
    const { guest } = this;
    this.guest = null;
    if (guest === null) return;
    guest.session.close();
    await guest.machine.stop(this.task.progress);
    await guest.log.close();
  }

  private async complete(error: LabError | null): Promise<RunOutcome> {
    const { draft, bundle } = this;
    const { steps, checks } = this.played();
    const result = error === null ? draft.judged(steps, checks) : draft.ended(error, steps, checks);
    await bundle.write("provenance.json", `${JSON.stringify(provenance(draft), null, 1)}\n`);
    return bundle.finish(result);
  }
}

function liveGuest(guest: PreparedGuest): LiveGuest {
  return { attach: async (terminal) => attachConsole(guest, terminal) };
}

function provenance(draft: ResultDraft): Record<string, unknown> {
  const { kernel, qemu, accelerator, startedAt, request, cpuCount } = draft;
  return {
    startedAt: startedAt.toISOString(),
    request,
    kernel: kernel === null ? null : { ...kernel, config: kernel.config === null ? null : Object.fromEntries(kernel.config) },
    guest: { cpuCount, memoryMb: request.memoryMb },
    host: { qemu, accelerator, node: process.version, platform: `${process.platform} ${process.arch}` },
  };
}
