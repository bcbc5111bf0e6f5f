import { computed, signal } from "@preact/signals";
import type { StartedCall } from "../../src/api/client.ts";
import type { ProgressOf } from "../../src/api/contract.ts";
import { ApiError } from "../../src/api/failure.ts";
import type { RunOutcome, RunRequest } from "../../src/api/lab.ts";
import { SlotMaps } from "../../src/report/slot-maps/slot-maps.ts";
import { ConsoleLog } from "./console-log.ts";
import { connection, errorText, lab } from "./connection.ts";

/** What a run does, one after the other: getting ready, and the workload's steps. */
export interface Stage {
  readonly name: string;
  readonly detail: string;
  readonly amount: { readonly doneBytes: number; readonly totalBytes: number } | null;
  readonly startedMs: number;
  /** Null while it lasts. */
  readonly endedMs: number | null;
}

export type RunPhase = "running" | "stopping" | "kept" | "ended";
type LiveStep = Extract<ProgressOf<"run">, { kind: "step" }>;

/** One run from the click to its end. */
export class RunningRun {
  readonly request: RunRequest;
  readonly console = new ConsoleLog();
  readonly startedMs = performance.now();
  readonly phase = signal<RunPhase>("running");
  readonly stages = signal<readonly Stage[]>([]);
  readonly steps = signal<readonly LiveStep[]>([]);
  readonly maps = new SlotMaps();
  /** How many maps have come: those of a run that is repeated begin anew. */
  readonly mapRevision = signal(0);
  readonly outcome = signal<RunOutcome | null>(null);
  /** Why there is no outcome; empty while there may be one. */
  readonly error = signal("");
  /** When it was asked to stop; null while it was not. */
  readonly stopAskedMs = signal<number | null>(null);
  readonly endedMs = signal<number | null>(null);
  private readonly call: StartedCall<"run">;

  constructor(request: RunRequest, keepsGuest: boolean) {
    this.request = request;
    this.call = lab().start("run", { run: request, keepGuest: keepsGuest }, {
      onProgress: (event) => this.take(event),
      onOutput: async (bytes, skippedBytes) => this.console.write(bytes, skippedBytes),
    });
    void this.call.done.then(
      (outcome) => this.end(outcome, ""),
      (error: unknown) => this.end(null, error instanceof ApiError && error.kind === "stopped" ? "The run was stopped. Nothing was judged." : errorText(error)),
    );
  }

  private take(event: ProgressOf<"run">): void {
    if (event.kind === "stage") this.takeStage(event.stage, event.detail, event.amount ?? null);
    else if (event.kind === "step") this.takeStep(event);
    else {
      this.outcome.value = event.outcome;
      this.phase.value = "kept";
    }
  }

  private takeStep(step: LiveStep): void {
    if (step.map !== null) this.maps.append(step.map);
    this.mapRevision.value++;
    this.steps.value = [...this.steps.value.slice(0, step.index), step];
  }

  private takeStage(name: string, detail: string, amount: Stage["amount"]): void {
    const nowMs = performance.now();
    const stages = this.stages.value;
    const last = stages.at(-1);
    this.stages.value =
      last?.name === name
        ? [...stages.slice(0, -1), { ...last, detail, amount }]
        : [...endLast(stages, nowMs), { name, detail, amount, startedMs: nowMs, endedMs: null }];
  }

  private end(outcome: RunOutcome | null, error: string): void {
    const nowMs = performance.now();
    this.stages.value = endLast(this.stages.value, nowMs);
    this.endedMs.value = nowMs;
    this.outcome.value = outcome ?? this.outcome.value;
    this.error.value = this.outcome.value === null ? error : "";
    this.phase.value = "ended";
  }

  /** Asked once; the lab then asks QEMU to quit and kills it when it does not. */
  stop(): void {
    if (this.phase.value === "ended" || this.stopAskedMs.value !== null) return;
    this.stopAskedMs.value = performance.now();
    if (this.phase.value === "kept") {
      this.call.endInput();
      return;
    }
    this.phase.value = "stopping";
    this.call.stop();
  }

  /** Does not wait for the lab: the connection ends, and every guest of it. */
  leave(): void {
    lab().close();
  }

  async type(bytes: Uint8Array): Promise<void> {
    await this.call.send(bytes);
  }
}

const endLast = (stages: readonly Stage[], nowMs: number): Stage[] => stages.map((stage) => (stage.endedMs === null ? { ...stage, endedMs: nowMs } : stage));

/** The run of this window, as long as nothing else is looked at. */
export const running = signal<RunningRun | null>(null);
export const isBusy = computed(() => running.value !== null && running.value.phase.value !== "ended");
/** A window that has just opened is not connected yet. */
export const canRun = computed(() => connection.value.kind === "open" && !isBusy.value);
