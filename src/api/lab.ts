import type { BundleFileName } from "../report/bundle-file-names.ts";
import type { Ordering, Switches } from "../races/switches.ts";
import type { DesignsReport } from "../report/designs.ts";
import type { DesignMeasurement } from "../report/designs-measured.ts";
import type { Matrix } from "../report/matrix.ts";
import type { Comparison } from "../report/comparison.ts";
import type { RaceList, RaceMutants, RaceReport } from "../report/race.ts";
import type { Result } from "../report/result.ts";
import type { StopVisit } from "../report/tour.ts";
import type { WhoCatches } from "../report/who-catches.ts";
import type { Settings } from "./settings.ts";
import type { TourStop } from "../workload/tour-stop.ts";

/** What a face (desktop window, browser, command line) can ask of the lab. Types only; the lab implements them. */

/** The part of an abort signal that the lab needs, here because this folder knows neither Node nor a page. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One run, as a person asked for it. What is undefined is the experiment's own choice. */
export interface RunRequest {
  /** The name of a shipped experiment, or the path of a workload file. */
  readonly experiment: string;
  /** A series such as `6.12`, or the path of a build tree, a bzImage or a vmlinux. */
  readonly kernel: string;
  readonly device?: string;
  /** Folio size with its unit: `64kB`. */
  readonly folio?: string;
  /** Memory the workload maps, with its unit: `16M`. */
  readonly size?: string;
  /** Length of the swap area, with its unit. */
  readonly swapSize?: string;
  /** CPUs of the guest. */
  readonly cpus?: number;
  /** Other parameters of the experiment by name. */
  readonly set: Readonly<Record<string, string>>;
  /** The generation whose model predicts, in place of the one that the guest's probing finds. */
  readonly model?: string;
  readonly memoryMb: number;
  readonly accelerator?: "tcg" | "kvm";
  /** Boot the guest even where a saved state exists. */
  readonly cold: boolean;
  /** Probe no function: no calls are counted, and none of the time that a step takes goes into counting. */
  readonly unprobed?: boolean;
  /** The guest's clock counts its instructions, so that what its ops take does not depend on what else the host does. TCG only. */
  readonly instructionClock?: boolean;
}

/** A person's own program, to be run in a guest. What is undefined is as it is where nothing is said. */
export interface ProgramRequest extends Pick<RunRequest, "kernel" | "device" | "folio" | "swapSize" | "cpus" | "memoryMb" | "accelerator" | "cold" | "unprobed" | "instructionClock"> {
  /** The path of a program or script, as a person gives it. */
  readonly program: string;
  readonly args: readonly string[];
  /** Files and folders that it needs: `PATH`, or `PATH:GUESTPATH`. */
  readonly files: readonly string[];
  /** Where relative paths begin, here and in the guest: an absolute path. */
  readonly folder: string;
  /** It is ended when it takes longer, by the guest's clock. */
  readonly timeoutMs: number;
}

export interface LabEvents {
  /**
   * What is being done now, and what it waits for. The same stage may be reported again with another detail. Where bytes
   * are fetched, how many of how many.
   */
  progress(stage: string, detail: string, amount?: { readonly doneBytes: number; readonly totalBytes: number }): void;
}

export interface LabTask extends LabEvents {
  readonly signal: CancelSignal;
}

/** A person's end of a guest's console. */
export interface Terminal {
  /** What the person types. Its end is the person's leave. */
  readonly input: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): void;
}

/** A guest that is still up after its run. */
export interface LiveGuest {
  /** Ends when the terminal's input ends or the guest does. */
  attach(terminal: Terminal): Promise<void>;
}

/** What one side, guest or model, counts in a step, for plots. The model counts less than a guest. */
export interface StepReading {
  /** Of all swap areas, after the step. */
  readonly usedKb: number;
  /** The rest as in `Observation`, folio sizes as text. */
  readonly vmstat: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly folioStats: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly calls: Readonly<Record<string, number>>;
}

/** A step that the guest has just carried out, beside what the model says of it. */
export interface LiveStep {
  readonly index: number;
  readonly op: string;
  readonly text: string;
  /** Since the run was asked for. */
  readonly atMs: number;
  /** As the guest measured it. */
  readonly durationMs: number;
  readonly model: StepReading;
  readonly kernel: StepReading;
  /** What changed in the slots, for `SlotMaps.append`; null once a step's is too long to be told, or there are no more. */
  readonly map: Uint8Array | null;
}

export interface RunTask extends LabTask {
  /** When a run is repeated its steps begin again from 0. */
  readonly onStep?: (step: LiveStep) => void;
  /** What the guest's console prints, from QEMU's start to its end. Of a restored guest: from there on. */
  readonly onConsole?: (bytes: Uint8Array) => void;
  /**
   * Called after the verdict, when the run's bundle is complete and the guest still up, which it stays until
   * the promise settles. Without it the guest ends with the workload.
   */
  readonly onReady?: (outcome: RunOutcome, guest: LiveGuest) => Promise<void>;
}

export interface ProgramTask extends Pick<RunTask, "signal" | "progress" | "onConsole" | "onReady"> {
  /** What the program prints, as it comes: standard output (0) and standard error (1). Of a flood only the beginning. */
  readonly onOutput?: (bytes: Uint8Array, stream: 0 | 1) => void;
}

export interface RunOutcome {
  readonly result: Result;
  readonly bundlePath: string;
}

/** Many runs at once. What is undefined is each experiment's own choice. */
export interface MatrixRequest extends Pick<RunRequest, "device" | "folio" | "memoryMb" | "accelerator" | "cold"> {
  /** As a run's kernel; none for every series of the catalogue. */
  readonly kernels: readonly string[];
  /** As a run's experiment; none for every shipped one. */
  readonly experiments: readonly string[];
}

/** Two sides to compare. What is undefined is the experiment's own choice; what the sides differ in must be. */
export interface CompareRequest extends Omit<RunRequest, "experiment" | "kernel" | "model" | "unprobed" | "instructionClock"> {
  /**
   * A kernel as a run takes it, a device, a folio size, or a run as `openRun` takes it. `kernel:`, `device:`, `folio:` or `run:`
   * before it says which, where it could be several.
   */
  readonly a: string;
  /** Of the same kind. */
  readonly b: string;
  readonly experiment?: string;
  readonly kernel?: string;
  /** Runs of each side that are timed, beside the one in which calls are counted; 0 for none. */
  readonly runCount: number;
  /** Time with the host's clock also under TCG, where instructions are counted otherwise. */
  readonly hostClock?: boolean;
}

export interface ExperimentSummary {
  readonly name: string;
  /** One line. */
  readonly title: string;
}

/** One that a person has saved. */
export interface OwnExperiment extends ExperimentSummary {
  /** The first mistake in it; empty when there is none. */
  readonly problem: string;
}

export interface ExperimentText {
  readonly name: string;
  readonly isOwn: boolean;
  readonly text: string;
}

/** What a text would do as an experiment, or the first mistake in it. */
export type ExperimentCheck =
  | {
      readonly ok: true;
      readonly name: string;
      readonly title: string;
      readonly about: string;
      /** Every parameter as given or defaulted. */
      readonly parameters: Readonly<Record<string, string>>;
      /** The ops, each in a line. */
      readonly steps: readonly string[];
    }
  /** `line` is 0 where the mistake belongs to none, `field` then mostly empty. */
  | { readonly ok: false; readonly line: number; readonly field: string; readonly problem: string };

export interface KernelSummary {
  /** A series of the catalogue, or the path of a build tree in one of the person's kernel folders. */
  readonly series: string;
  /** Empty until it has been fetched. */
  readonly release: string;
  readonly packageVersion: string;
  readonly fetched: boolean;
  /** Where the series comes from, or why it cannot be had. */
  readonly detail: string;
}

export interface DoctorItem {
  readonly name: string;
  /** `missing` stops every run; `warning` only makes some of them slower or impossible. */
  readonly status: "ok" | "warning" | "missing";
  /** What was found. */
  readonly detail: string;
  /** What to do about it; empty when nothing is to be done. */
  readonly next: string;
}

export interface ConsoleRequest {
  readonly kernel: string;
  readonly device?: string;
  readonly memoryMb: number;
  readonly accelerator?: "tcg" | "kvm";
  readonly cold: boolean;
}

/** Which guests the designs are measured in. */
export interface DesignMeasureRequest {
  /** Series, or paths of kernels of one's own. */
  readonly kernels: readonly string[];
  /** Fetch a series that is not here; otherwise it is passed over with the reason. */
  readonly fetch: boolean;
  readonly memoryMb: number;
  readonly accelerator?: "tcg" | "kvm";
  readonly cold: boolean;
}

/** One stop of the tour. */
export interface VisitRequest {
  /** Its name, or its number as text. */
  readonly stop: string;
  /** Series, or paths of kernels of one's own; none for those that the stop is about. */
  readonly kernels: readonly string[];
  readonly memoryMb: number;
  readonly accelerator?: "tcg" | "kvm";
  readonly cold: boolean;
}

/** One variant of a race, as a person asked for it. What is undefined is the scenario's own choice. */
export interface RaceRequest {
  /** A name out of the list of races. */
  readonly scenario: string;
  readonly switches: Partial<Switches>;
  /** What keeps things in order and is taken away. */
  readonly without?: Ordering;
  /** No more states than this are kept. */
  readonly stateLimit: number;
  readonly deadlineMs: number;
  /** Taken where the states could not be exhausted. */
  readonly walks?: { readonly seed: number; readonly count: number };
}

/** A run as a list shows it. A bundle that cannot be read has a problem in place of everything else. */
export type RunSummary =
  | {
      readonly ok: true;
      readonly name: string;
      /** What a person calls it; empty when it has only its name. */
      readonly label: string;
      readonly verdict: Result["verdict"];
      readonly experiment: string;
      readonly release: string;
      readonly device: string;
      /** ISO 8601, UTC. */
      readonly startedAt: string;
    }
  | { readonly ok: false; readonly name: string; readonly label: string; readonly problem: string };

/** Runs as they are found on disk, newest first. */
export interface RunList {
  readonly runs: readonly RunSummary[];
  /** Older runs that were not looked at. */
  readonly olderCount: number;
}

/** `archive` is the whole bundle. */
export const exportFormats = ["archive", "json", "ktap", "mail"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A run as a file for others. */
export interface ExportedRun {
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A part of a file, and how long the whole is. */
export interface FilePart {
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
}

/** Every method rejects with a typed error that says what happened, where, and what to do next. */
export interface Lab {
  run(request: RunRequest, task: RunTask): Promise<RunOutcome>;
  /** Runs a program of a person's own in a guest and looks at what the swap core holds before, meanwhile and after. */
  runProgram(request: ProgramRequest, task: ProgramTask): Promise<RunOutcome>;
  /** Every experiment on every kernel. When it is stopped it resolves with what there is. */
  matrix(request: MatrixRequest, task: LabTask): Promise<Matrix>;
  /** Every kernel beside the models of the generations next to its own. When it is stopped it resolves with what there is. */
  whoCatches(request: MatrixRequest, task: LabTask): Promise<WhoCatches>;
  /**
   * The same experiment on both sides, or two runs that are there already. Each run has a bundle of its own. When it is stopped
   * after both sides were seen it resolves with what there is.
   */
  compare(request: CompareRequest, task: LabTask): Promise<Comparison>;
  /** The workload as it would be executed, the model's prediction for it, and the QEMU command. */
  dryRun(request: RunRequest, task: LabTask): Promise<string>;
  /** The shipped ones. */
  listExperiments(): readonly ExperimentSummary[];
  listOwnExperiments(): Promise<readonly OwnExperiment[]>;
  readExperiment(name: string): Promise<ExperimentText>;
  checkExperiment(text: string): ExperimentCheck;
  /** Saves one of the person's own, with its mistakes if it has some. Gives its path. */
  saveExperiment(name: string, text: string, mayReplace: boolean): Promise<string>;
  /** Of the person's own. Gives its text, which is all it takes to save it again. */
  removeExperiment(name: string): Promise<string>;
  /** The newest `newestCount` runs of those in which every word is found, in whatever the list shows of them. */
  listRuns(newestCount: number, words?: string): Promise<RunList>;
  /** `name` is the name of a run or the path of a bundle's folder; undefined for the newest run. */
  openRun(name: string | undefined): Promise<RunOutcome>;
  /** Bytes of a file of the bundle of the run of that name, from `fromByte` on, at most `byteCount`. */
  readRunFile(name: string, file: BundleFileName, part: { readonly fromByte: number; readonly byteCount: number }): Promise<FilePart>;
  /** Calls a run something beside its name; an empty label takes that back. Gives the label as it is shown. */
  renameRun(name: string, label: string): Promise<string>;
  /** It can be had back for a month. */
  removeRun(name: string): Promise<void>;
  restoreRun(name: string): Promise<void>;
  exportRun(name: string, format: ExportFormat): Promise<ExportedRun>;
  /** The bytes of an archive, or the path of one or of a folder. Nothing in it is believed. */
  importRun(from: Uint8Array | string): Promise<RunSummary>;
  /** What freeing swap entries costs under each design, on the model; no guest is started. */
  designs(): DesignsReport;
  /** The same cases in guests. Each is a run with a bundle of its own. When it is stopped it resolves with what there is. */
  measureDesigns(request: DesignMeasureRequest, task: LabTask): Promise<readonly DesignMeasurement[]>;
  /** The stops of the tour in their order. */
  tourStops(): readonly TourStop[];
  /** Everything that the stop runs, each a run with a bundle of its own. When it is stopped it resolves with what there is. */
  visitStop(request: VisitRequest, task: LabTask): Promise<StopVisit>;
  races(): RaceList;
  /** Every order of steps of one race, on a model of its own; no guest is started. When it is stopped it resolves with what there is. */
  race(request: RaceRequest, task: LabTask): Promise<RaceReport>;
  /** Every race with one ordering less, to see which are needed. */
  raceMutants(task: LabTask): Promise<RaceMutants>;
  readSettings(): Promise<Settings>;
  writeSettings(settings: Settings): Promise<void>;
  kernels(): Promise<readonly KernelSummary[]>;
  fetchKernel(series: string, task: LabTask): Promise<KernelSummary>;
  doctor(task: LabTask): Promise<readonly DoctorItem[]>;
  /** Boots or restores a guest and gives the terminal its console until either ends. */
  console(request: ConsoleRequest, task: LabTask & { readonly terminal: Terminal }): Promise<void>;
}
