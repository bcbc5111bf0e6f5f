import { type Geometry, folioKb } from "../model/geometry.ts";
import { Observer } from "../protocol/observe.ts";
import type { DoneMessage, GuestMessage } from "../protocol/messages.ts";
import { areaPayload, opPayload, policyPayload } from "../protocol/requests.ts";
import type { Observation } from "../workload/observation.ts";
import type { AreaDeclaration, MapOp, Op, Workload } from "../workload/ops.ts";
import { opText } from "../workload/text.ts";
import { LabError } from "./errors.ts";
import type { Answer, GuestSession, RequestLimits } from "./guest.ts";
import type { SwapMemory, SwapPicture } from "./swap-memory.ts";

/** What a mapping asks for. */
type Folios = Pick<MapOp, "folioOrder" | "share">;

/** A step that the guest has carried out. */
export interface DoneStep {
  /** `swapon`, or the op's name. */
  readonly op: string;
  readonly text: string;
  /** As the guest measured it, the telling of the state included. */
  readonly durationMs: number;
  /** The op alone, by the guest's clock; null for one that does nothing. */
  readonly opNs: number | null;
  readonly observation: Observation;
  /** The kernel's swap structures when the step was over; null when this kernel's cannot be read. */
  readonly picture: SwapPicture | null;
}

/** How a step differs from an op's. */
export interface StepWays {
  readonly limits?: Partial<RequestLimits>;
  readonly heard?: (message: GuestMessage) => void;
  /** Takes the picture when the step is over. */
  readonly picture?: () => Promise<SwapPicture | null>;
}

/** Everything that happened before the workload ended or the guest was lost. */
export interface PlayedWorkload {
  readonly steps: readonly DoneStep[];
  /** vmstat events that this kernel has. */
  readonly vmstat: readonly string[];
  /** Hits that probes missed, in words; such counts are too low. */
  readonly missed: readonly string[];
}

/** Carries out a workload in a prepared guest, step after step. */
export class WorkloadPlayer {
  readonly steps: DoneStep[] = [];
  private readonly session: GuestSession;
  private readonly workload: Workload;
  private readonly geometry: Geometry;
  private readonly memory: SwapMemory | null;
  private readonly observer = new Observer();
  private readonly missed = new Map<string, number>();
  private readonly mappings = new Map<string, Folios>();
  private policy: Folios | null = null;

  constructor(session: GuestSession, memory: SwapMemory | null, workload: Workload, geometry: Geometry) {
    this.session = session;
    this.memory = memory;
    this.workload = workload;
    this.geometry = geometry;
  }

  get played(): PlayedWorkload {
    return {
      steps: this.steps,
      vmstat: Object.keys(this.steps[0]?.observation.vmstat ?? {}),
      missed: [...this.missed].map(([name, count]) => `${count} hits of ${name} were missed by its probe`),
    };
  }

  /** Makes the swap areas; step 0 then switches the first one on. Rejects when the guest is lost or refuses. */
  async start(progress: (stage: string, detail: string) => void): Promise<void> {
    for (const [number, area] of this.workload.areas.entries()) {
      await this.ask(`area ${area.name}`, areaPayload(area, number, this.kilobytes(area)));
      this.observer.forget();
    }
    await this.setPolicy({ folioOrder: 0, share: "private" });
    const [first] = this.workload.areas;
    progress("swapon", first!.name);
    const op: Op = { op: "swapon", in: "main", area: first!.name };
    await this.step(op.op, `${opText(op)}, ${this.kilobytes(first!)} kB`, opPayload(op));
  }

  /**
   * The ops; `onStep` is called after each. Rejects when the guest is lost or refuses a step; what was done until then is
   * in `steps`.
   */
  async play(progress: (stage: string, detail: string) => void, onStep?: (step: DoneStep) => void): Promise<void> {
    for (const op of this.workload.ops) {
      progress(op.op, opText(op));
      const folios = this.foliosFor(op);
      if (folios !== null) await this.setPolicy(folios);
      await this.step(op.op, opText(op), opPayload(op));
      onStep?.(this.steps.at(-1)!);
    }
  }

  private kilobytes({ pageCount }: AreaDeclaration): number {
    return (pageCount * this.geometry.pageSizeBytes) / 1024;
  }

  /** What faults in this op's region should bring; null when the op has none. */
  private foliosFor(op: Op): Folios | null {
    if (op.op === "map") this.mappings.set(op.region, op);
    return "region" in op ? (this.mappings.get(op.region) ?? null) : null;
  }

  private async setPolicy({ folioOrder, share }: Folios): Promise<void> {
    // Mappings of base pages ask for nothing else themselves, so the switches may stay as they are.
    if (this.policy !== null && (folioOrder === 0 || (this.policy.folioOrder === folioOrder && this.policy.share === share))) return;
    this.policy = { folioOrder, share };
    await this.baseline("folio policy", policyPayload(folioOrder === 0 ? [] : [folioKb(this.geometry, folioOrder)], share));
  }

  /** What is counted from here on belongs to the next step. */
  private async baseline(what: string, payload: string): Promise<void> {
    const answer = await this.ask(what, payload);
    const problem = this.observer.baseline(answer.done);
    if (problem !== null) throw new LabError("lost", { what: problem, where: what });
  }

  /** Folios of that order, where it is not 0, for every fault from now on. */
  async allowFolios(order: number): Promise<void> {
    if (order > 0) await this.baseline("folio policy", policyPayload([folioKb(this.geometry, order)], "always"));
  }

  /** One step; `play` does an op's. */
  async step(op: string, text: string, payload: string, ways: StepWays = {}): Promise<void> {
    const answer = await this.ask(text, payload, ways);
    const result = this.observer.observe(this.steps.length, answer.done);
    if (!result.ok) throw new LabError("lost", { what: result.problem, where: text });
    const picture = ways.picture === undefined ? ((await this.memory?.take()) ?? null) : await ways.picture();
    const took = answer.messages.find((message) => message.kind === "took");
    this.steps.push({ op, text, durationMs: answer.done.tookUs / 1000, opNs: took?.nanoseconds ?? null, observation: result.observation, picture });
  }

  private async ask(what: string, payload: string, { limits, heard }: StepWays = {}): Promise<Answer> {
    const answer = await this.session.request(payload, limits, heard);
    for (const message of answer.messages) {
      this.observer.accept(message);
      this.noteMissed(message);
    }
    this.checkDone(what, answer.done);
    return answer;
  }

  private noteMissed(message: GuestMessage): void {
    if (message.kind === "missed") this.missed.set(`${message.name} (${message.of})`, message.count);
  }

  /** A system call that fails is an observation; anything else that goes wrong ends the run. */
  private checkDone(what: string, done: DoneMessage): void {
    if (done.status === "ok" || done.errno !== "") return;
    throw new LabError("invalid", { what: `the guest could not do it: ${done.detail}`, where: what });
  }
}
