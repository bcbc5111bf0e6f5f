import type { RunOutcome, RunRequest, RunTask } from "../api/lab.ts";
import type { Check } from "../compare/check.ts";
import { compareStep } from "../compare/compare.ts";
import { compareSwapState } from "../compare/memory.ts";
import { openMemoryChecks } from "../compare/open.ts";
import { readingsOf } from "../compare/program.ts";
import type { Generation } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { type PredictedRun, predict, traceText } from "../workload/predict.ts";
import type { Observation } from "../workload/observation.ts";
import type { Prediction } from "../workload/observation.ts";
import type { AreaName, Workload } from "../workload/ops.ts";
import type { Overrides, ParsedWorkload } from "../workload/parse.ts";
import type { SwapState } from "../workload/swap-state.ts";
import { assumptionsOf, type GuestAssumptions } from "./assumptions.ts";
import { LabError } from "./errors.ts";
import { type ExperimentSource, openExperiment, parseExperiment } from "./experiments.ts";
import { generationOf, readBtf } from "./generation.ts";
import { KernelMemory } from "./kernel-memory.ts";
import type { DiskFacts, GuestFacts } from "./guest-facts.ts";
import { type GuestPlan, planGuest } from "./guest-plan.ts";
import { GuestRun, keptRun, type Played, type RunParts } from "./guest-run.ts";
import { guestDevices } from "./qemu/command.ts";
import { checkRotational } from "./rotational.ts";
import { liveStep } from "./live-step.ts";
import { ResultDraft } from "./result-draft.ts";
import { RunMaps } from "./run-maps.ts";
import { forcedGeneration, overridesOf } from "./run-request.ts";
import { type DoneStep, WorkloadPlayer } from "./steps.ts";
import { SwapMemory, type SwapPicture } from "./swap-memory.ts";
import { checkAreas, checkMemory, missingFolio } from "./workload-fit.ts";

/**
 * On a device that does not complete at once, a write can in rare cases be over before reclaim looks at the folio
 * again; which of them is a matter of chance, so such a run is done again, at most so many times in all.
 */
const attemptsMax = 3;

/** What the guest did and what had been predicted, as far as it came. */
interface Attempt {
  readonly player: WorkloadPlayer;
  readonly predicted: PredictedRun;
  /** What the kernel's memory was predicted to hold after each step. */
  readonly states: readonly SwapState[];
  readonly checks: Check[][];
}

/** One experiment from the request to its bundle; see `keptRun`. */
export function runExperiment(request: RunRequest, task: RunTask): Promise<RunOutcome> {
  return keptRun(new ResultDraft(request, new Date()), task, (parts) => new ExperimentRun(request, parts));
}

class ExperimentRun extends GuestRun {
  private readonly request: RunRequest;
  private attempt: Attempt | null = null;

  constructor(request: RunRequest, parts: RunParts) {
    super(parts);
    this.request = request;
  }

  protected async judge(): Promise<void> {
    const { draft, request, task } = this;
    // A name that there is not is no reason to boot anything.
    const forced = forcedGeneration(request);
    const source = openExperiment(request.experiment);
    const overrides = overridesOf(request);
    let parsed = parseExperiment(source, overrides);
    draft.parsed = parsed;
    draft.cpuCount = parsed.workload.cpuCount;
    await this.bundle.write(source.text.trimStart().startsWith("{") ? "original.json" : "original.toml", source.text);
    checkAreas(parsed.workload);
    checkMemory(parsed.workload, request.memoryMb);

    const plan = await planGuest({ ...request, devices: parsed.workload.areas.map(({ device }) => device), cpuCount: parsed.workload.cpuCount, ops: parsed.workload.ops }, task);
    draft.kernel = plan.kernel;
    draft.accelerator = plan.accelerator;
    draft.qemu = plan.qemu;

    for (let attempt = 1; ; attempt++) {
      const facts = await this.startGuest(plan, request.cold);
      if (attempt === 1) {
        await this.chooseGeneration(plan, forced);
        parsed = this.fitFolio(source, overrides, parsed, facts);
        await this.bundle.write("workload.json", `${JSON.stringify(parsed.workload, null, 1)}\n`);
      }
      await this.play(parsed.workload, facts);
      if (attempt === attemptsMax || !this.writesOvertookReclaim()) return;
      draft.remarks.push(`run again: in attempt ${attempt} a write completed before reclaim looked at its folio, which is chance`);
      task.progress("again", "a write completed too early");
      await this.stopGuest();
    }
  }

  private async chooseGeneration({ kernel }: GuestPlan, forced: Generation | null): Promise<void> {
    const { draft } = this;
    try {
      this.btf = await readBtf(kernel.vmlinuxPath, kernel.release);
      draft.probed = generationOf(this.btf, kernel.release);
    } catch (error) {
      if (forced === null || !(error instanceof LabError)) throw error;
      draft.remarks.push(error.message);
    }
    draft.predicting = forced ?? draft.probed;
  }

  /**
   * Sees to it that the guest has the folios that the workload asks for. What a person asked for is never changed; the
   * experiment's own choice gives way to the largest size that the kernel has.
   */
  private fitFolio(source: ExperimentSource, overrides: Overrides, parsed: ParsedWorkload, facts: GuestFacts): ParsedWorkload {
    const { draft } = this;
    const wanted = missingFolio(parsed.workload, facts);
    if (wanted === null) return parsed;
    const has = facts.folioSizesKb.map((kb) => `${kb}kB`).join(", ");
    const lacks = new LabError("invalid", {
      what: `this kernel has no folios of ${wanted} kB for anonymous memory; it has ${has}`,
      where: `kernel ${draft.kernel?.release ?? ""}`,
      next: "Choose one of them with --folio.",
    });
    if (overrides.folio !== undefined) throw lacks;
    const folio = `${facts.folioSizesKb.at(-1)}kB`;
    const fitted = parseExperiment(source, { ...overrides, folio });
    if (missingFolio(fitted.workload, facts) !== null) throw lacks;
    draft.remarks.push(`this kernel has no ${wanted} kB folios, so the experiment uses ${folio}; it has ${has}`);
    draft.parsed = fitted;
    return fitted;
  }

  /**
   * Switches swap on, predicts, lets the guest do the rest, and compares. Of the guest nothing but facts is known when the
   * prediction is made; the one number that swapon draws at random is such a fact.
   */
  private async play(workload: Workload, facts: GuestFacts): Promise<void> {
    const { draft, task } = this;
    const generation = draft.predicting;
    const session = this.guest?.session;
    if (generation === null || session === undefined) throw new Error("played before the guest was ready");
    const disks = areaDisks(workload, facts);
    draft.disks = disks;
    for (const { name, device } of workload.areas) checkRotational(device, disks.get(name)?.rotational ?? null);
    const player = new WorkloadPlayer(session, await this.openMemory(facts), workload, x86_64);
    await player.start(task.progress);
    const states: SwapState[] = [];
    const predicted = await this.predict(workload, { generation, scanStarts: scanStartsIn(player.steps[0]?.picture), ownNode: ownNodeAreas(disks) }, (state) => states.push(state));
    const checks: Check[][] = [];
    this.attempt = { player, predicted, states, checks };
    const maps = new RunMaps();
    const tell = (step: DoneStep): void => {
      const prediction = predicted.steps[step.observation.step]!;
      // There is no model's side to show.
      if (prediction.open !== undefined) return;
      const map = maps.add(step, prediction, states[step.observation.step]!);
      task.onStep?.({ ...liveStep(step, prediction), atMs: Date.now() - draft.startedAt.getTime(), map });
    };
    player.steps.forEach(tell);
    try {
      await player.play(task.progress, tell);
      if (task.onReady === undefined) await session.finish();
    } finally {
      const { steps, vmstat, missed } = player.played;
      draft.remarks.push(...missed);
      const view = { countedCalls: facts.countedCalls, countedReturns: facts.countedReturns, vmstat, severalAreas: workload.areas.length > 1 };
      for (const [index, { observation, picture }] of steps.entries()) {
        const step = predicted.steps[index]!;
        checks.push([...compareStep(step, observation, view), ...(picture === null ? [] : compareMemory(step, states[index]!, picture.state))]);
        if (step.open !== undefined) draft.readings[index] = readingsOf(observation);
      }
      this.noteGarbage();
      draft.remarks.push(...maps.remarks);
      await maps.write(this.bundle);
    }
  }

  /**
   * Null, and a remark, when the layout of this kernel's structures is not known and a person forced a model: elsewhere
   * nothing may pass whose memory was not looked at.
   */
  private async openMemory(facts: GuestFacts): Promise<SwapMemory | null> {
    const { guest, btf, task, draft } = this;
    if (guest === null || btf === null) return null;
    try {
      return await SwapMemory.open(new KernelMemory(guest.machine, this.bundle.scratchPath, task.signal), facts, btf);
    } catch (error) {
      if (this.request.model === undefined || !(error instanceof LabError) || error.kind !== "invalid") throw error;
      draft.remarks.push(`the kernel's memory is not compared: ${error.what}`);
      return null;
    }
  }

  private async predict(workload: Workload, asked: GuestAssumptions, note: (state: SwapState) => void): Promise<PredictedRun> {
    const { draft } = this;
    const facts = asked.generation.features.allocator === "free-list" ? asked : { ...asked, scanStarts: [] };
    const predicted = predict(workload, { ...facts, geometry: x86_64 }, (machine) => note(machine.swapState()));
    draft.assumptions.splice(0, Infinity, ...assumptionsOf(workload, facts), ...predicted.assumptions);
    await this.bundle.write("model-trace.txt", traceText(workload, predicted));
    if (predicted.beyond !== "") {
      throw new LabError("invalid", { what: `the model cannot follow this workload: ${predicted.beyond}`, where: `step ${predicted.steps.length}` });
    }
    return predicted;
  }

  /**
   * True when more folios left the swap cache during a page-out than an asynchronous device allows. The model's
   * assumption is then not met, whatever the comparison says; a kernel that always does so keeps doing it.
   */
  private writesOvertookReclaim(): boolean {
    if (this.attempt === null) return false;
    const { player, predicted, checks } = this.attempt;
    if (checks.every((list) => list.every((check) => check.ok))) return false;
    const removals = ({ calls }: Pick<Observation, "calls">): number => calls["__remove_mapping"] ?? 0;
    const cached = ({ gauges }: Pick<Observation, "gauges">): number => gauges["nr_swapcached"] ?? 0;
    return player.steps.some(({ op, observation }, index) => {
      const expected = predicted.steps[index];
      if (op !== "pageout" || expected === undefined) return false;
      return this.request.unprobed ? cached(observation) < cached(expected) : removals(observation) > removals(expected);
    });
  }

  protected played(): Played {
    return { steps: this.attempt?.player.steps ?? [], checks: this.attempt?.checks ?? [] };
  }
}

/**
 * The slot at which each CPU's first scan will start: swapon draws them at random, so that they are facts like the size of
 * the area. Empty when they are not known, which matters only to workloads that come to a scan before anything else.
 */
function scanStartsIn(picture: SwapPicture | null | undefined): number[] {
  const starts = picture?.state.areas[0]?.cpuCursors.map(({ scan_start }) => scan_start) ?? [];
  return starts.filter((start) => typeof start === "number");
}

/** What the guest says of the device of each area. */
function areaDisks({ areas }: Workload, { disks }: GuestFacts): ReadonlyMap<AreaName, DiskFacts> {
  const devices = guestDevices(areas.map(({ device }) => device));
  return new Map(areas.flatMap(({ name }, number) => {
    const disk = disks.get(devices[number]!.serial);
    return disk === undefined ? [] : [[name, disk]];
  }));
}

const ownNodeAreas = (disks: ReadonlyMap<AreaName, DiskFacts>): ReadonlySet<AreaName> =>
  new Set([...disks].filter(([, { ownNode }]) => ownNode).map(([name]) => name));

const compareMemory = ({ open }: Prediction, model: SwapState, real: SwapState): Check[] =>
  open === undefined ? compareSwapState(model, real) : openMemoryChecks(real, open, x86_64);
