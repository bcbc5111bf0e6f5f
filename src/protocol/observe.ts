import type { Observation, PageRun, Placement, SwapArea, WrongWord } from "../workload/observation.ts";
import type { DoneMessage, GuestMessage } from "./messages.ts";
import { areContiguous, mergeRuns } from "./page-runs.ts";

type Counts = ReadonlyMap<string, number>;

/** What the guest said in answer to one request. */
interface Said {
  messageCount: number;
  readonly vmstat: Map<string, number>;
  readonly folioStats: Map<number, Map<string, number>>;
  readonly calls: Map<string, number>;
  readonly returns: Map<string, Map<string, number>>;
  readonly swapAreas: SwapArea[];
  readonly placements: { readonly process: string; readonly region: string; readonly runs: PageRun[] }[];
  wrongPages: number;
  /** Of a storm. */
  readonly threads: { readonly role: string; readonly pieces: number }[];
  wrong: WrongWord | null;
}

const nothingSaid = (): Said => ({
  messageCount: 0,
  vmstat: new Map(),
  folioStats: new Map(),
  calls: new Map(),
  returns: new Map(),
  swapAreas: [],
  placements: [],
  wrongPages: 0,
  threads: [],
  wrong: null,
});

export type ObserveResult = { readonly ok: true; readonly observation: Observation } | { readonly ok: false; readonly problem: string };

/** Lines of /proc/vmstat that say how much there is now; all others count events. */
const isGauge = (name: string): boolean => name.startsWith("nr_");

function differences(now: Counts, before: Counts | undefined): Record<string, number> {
  return Object.fromEntries([...now].map(([name, count]) => [name, count - (before?.get(name) ?? 0)]));
}

function mergeInto(target: Map<string, number>, values: Counts): void {
  for (const [name, value] of values) target.set(name, value);
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/**
 * Turns what the guest says into observations. The guest counts from its boot on; an observation holds
 * what one step added, so the state before a step is kept here.
 *
 * Call `accept` with every message, then `baseline` at the `done` of a policy request and `observe` at that
 * of every step. A later `baseline` takes the place of the earlier state: what happened since belongs to no
 * step. A function that has not returned since boot is missing from `returns`.
 */
export class Observer {
  private said = nothingSaid();
  private before: Said | null = null;

  accept(message: GuestMessage): void {
    // Neither belongs to the answer of a request that was taken: the agent starts to count after them.
    if (message.kind === "nak" || message.kind === "again") {
      this.said = nothingSaid();
      return;
    }
    this.said.messageCount += 1;
    this.note(message);
  }

  /** The answer that has come says how things stood before the first step. Null when it is whole, else what is wrong. */
  baseline(done: DoneMessage): string | null {
    const said = this.takeAnswer();
    const problem = answerProblem(said, done);
    if (problem === null) this.before = said;
    return problem;
  }

  /** What the step whose answer has come did. Not ok: the answer is not whole, and nothing of it is to be believed. */
  observe(step: number, done: DoneMessage): ObserveResult {
    if (this.before === null) throw new Error("observe() before baseline()");
    const said = this.takeAnswer();
    const problem = answerProblem(said, done);
    if (problem !== null) return { ok: false, problem };
    const observation = toObservation(step, said, this.before, done);
    this.before = said;
    return { ok: true, observation };
  }

  /** The answer that has come is of no interest: that of a request which is no step. */
  forget(): void {
    this.said = nothingSaid();
  }

  private takeAnswer(): Said {
    const said = this.said;
    this.said = nothingSaid();
    return said;
  }

  private note(message: GuestMessage): void {
    const { said } = this;
    switch (message.kind) {
      case "vmstat":
        mergeInto(said.vmstat, message.values);
        break;
      case "folio-stats":
        mergeInto(entryOf(said.folioStats, message.sizeKb, () => new Map()), message.values);
        break;
      case "swap-area":
        said.swapAreas.push({ name: message.name, swapType: message.swapType, sizeKb: message.sizeKb, usedKb: message.usedKb, priority: message.priority });
        break;
      case "calls":
        mergeInto(said.calls, message.values);
        break;
      case "returned":
        entryOf(said.returns, message.name, () => new Map<string, number>()).set(String(message.value), message.hits);
        break;
      case "runs":
        this.noteRuns(message.process, message.region, message.runs);
        break;
      case "read":
        said.wrongPages += message.wrongPages;
        break;
      case "thread":
        said.threads.push({ role: message.role, pieces: message.pieces });
        break;
      case "wrong": {
        const { kind: _, ...wrong } = message;
        said.wrong = wrong;
        break;
      }
      default:
        break;
    }
  }

  /** A long list comes in several messages. */
  private noteRuns(process: string, region: string, runs: readonly PageRun[]): void {
    const last = this.said.placements.at(-1);
    if (last?.process === process && last.region === region) last.runs.push(...runs);
    else this.said.placements.push({ process, region, runs: [...runs] });
  }
}

function answerProblem(said: Said, done: DoneMessage): string | null {
  if (said.messageCount !== done.sentMessages) return `the guest sent ${done.sentMessages} messages, ${said.messageCount} arrived`;
  if (done.status === "failed" && done.errno === "") return `the guest could not carry it out: ${done.detail}`;
  if (said.vmstat.size === 0) return "the guest said nothing of /proc/vmstat";
  const broken = said.placements.find(({ runs }) => !areContiguous(runs));
  return broken === undefined ? null : `the pages of ${broken.region} in ${broken.process} are not said without gaps`;
}

function toObservation(step: number, said: Said, before: Said, done: DoneMessage): Observation {
  const gauges = [...said.vmstat].filter(([name]) => isGauge(name));
  const events = new Map([...said.vmstat].filter(([name]) => !isGauge(name)));
  return {
    step,
    vmstat: differences(events, before.vmstat),
    gauges: Object.fromEntries(gauges),
    folioStats: Object.fromEntries([...said.folioStats].map(([sizeKb, stats]) => [sizeKb, differences(stats, before.folioStats.get(sizeKb))])),
    calls: differences(said.calls, before.calls),
    returns: Object.fromEntries([...said.returns].map(([name, values]) => [name, onlyNonZero(differences(values, before.returns.get(name)))])),
    swapAreas: said.swapAreas,
    placements: said.placements.map(({ process, region, runs }): Placement => ({ process, region, runs: mergeRuns(runs) })),
    wrongPages: said.wrongPages,
    ...(said.threads.length > 0 && { storm: { threads: said.threads, wrong: said.wrong } }),
    errno: done.errno,
  };
}

/** A value that was returned in earlier steps only is not part of this one. */
function onlyNonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
