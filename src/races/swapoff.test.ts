import { describe, expect, test } from "vitest";
import { Exploration } from "./explorer.ts";
import { mutants } from "./mutants.ts";
import { RandomWalks } from "./random-walks.ts";
import { scenarios } from "./scenarios.ts";
import { defaultSwitches, orderingNames, type Switches, type SwitchName, type Variant } from "./switches.ts";
import { makeTrace, type Trace } from "./trace.ts";

const build = (name: string, given: Partial<Variant>) => scenarios.find((scenario) => scenario.name === name)!.build({ ...defaultSwitches, without: null, ...given });

interface Outcome {
  readonly failed: string;
  readonly stateCount: number;
  readonly trace: Trace | null;
  readonly notReached: readonly string[];
}

function explore(name: string, given: Partial<Variant> = {}, goOn = false): Outcome {
  const model = build(name, given);
  const exploration = new Exploration(model, { stateLimit: 1_000_000, goOn });
  while (exploration.advance(1000));
  const findings = exploration.findings();
  const failed = findings.find(({ holds, property }) => holds === "no" && property.kind !== "can");
  const notReached = findings.filter(({ holds, property }) => holds === "no" && property.kind === "can").map(({ property }) => property.name);
  if (failed === undefined && !exploration.isExhausted) throw new Error("not exhausted");
  return {
    failed: failed?.property.name ?? "",
    stateCount: exploration.stateCount,
    trace: failed === undefined ? null : makeTrace(model, exploration.path(failed.property)),
    notReached,
  };
}

const useAfterFree = "freed structures are used";

/** `P1: a, b; P2: c`. */
function shortText({ steps, lanes }: Trace): string {
  let text = "";
  for (const [index, { lane, name }] of steps.entries()) text += lane === steps[index - 1]?.lane ? `, ${name}` : `${index === 0 ? "" : "; "}${lanes[lane]}: ${name}`;
  return text;
}

describe("swapoff against free_swap_and_cache", () => {
  test("without the fix: the interleaving that the fix was made for", () => {
    const { failed, trace } = explore("swapoff");
    expect(failed).toBe(useAfterFree);
    expect(trace!.steps).toHaveLength(15);
    expect(shortText(trace!)).toBe(
      "P1: pte_offset_map_lock, _swap_info_get, __swap_entry_free; " +
        "P2: pte_offset_map_lock, _swap_info_get, __swap_entry_free, swap_page_trans_huge_swapped, __try_to_reclaim_swap; " +
        "swapoff: swapoff, try_to_unuse, percpu_ref_kill, synchronize_rcu, wait_for_completion, vfree, kvfree; " +
        "P1: swap_page_trans_huge_swapped",
    );
    const last = trace!.steps.at(-1)!;
    expect(last).toMatchObject({ lane: 0, touches: "cluster_info, swap_map", broken: [useAfterFree] });
    expect(trace!.steps.slice(0, -1).every(({ broken }) => broken.length === 0)).toBe(true);
  });

  test("the trace shows the bytes, inuse_pages and the freed structures change where they do", () => {
    const { trace } = explore("swapoff");
    const { variables, start, steps } = trace!;
    const valuesOf = (name: string): string[] => [start, ...steps.map(({ values }) => values)].map((values) => values[variables.indexOf(name)]!);
    const changes = (name: string): (number | string)[] => valuesOf(name).flatMap((value, step, all) => (step > 0 && value !== all[step - 1] ? [step, value] : []));
    expect(changes("swap_map[0]")).toEqual([3, "0x40", 8, "0x00"]);
    expect(changes("swap_map[1]")).toEqual([6, "0x40", 8, "0x00"]);
    expect(changes("inuse_pages")).toEqual([8, "0"]);
    expect(changes("SWP_WRITEOK")).toEqual([9, "clear"]);
    expect(changes("structures")).toEqual([14, "freed"]);
    expect([valuesOf("swap_map[0]")[0], valuesOf("inuse_pages")[0]]).toEqual(["0x41", "512"]);
    const changed = steps.map((step) => step.changed.map((index) => variables[index]));
    expect(changed[0]).toEqual(["PTL of P1"]);
    expect(changed[7]).toEqual(["swap_map[0]", "swap_map[1]", "swap cache", "inuse_pages"]);
  });

  test("the same search gives the same counterexample", () => {
    expect(explore("swapoff")).toEqual(explore("swapoff"));
    expect(shortText(explore("swapoff", {}, true).trace!)).toBe(shortText(explore("swapoff").trace!));
  });

  /** Of all combinations of the other switches. */
  const others: SwitchName[] = ["shortcut", "swapoffReclaims", "clusterLock", "swapon", "processes"];
  function combinations(): Partial<Switches>[] {
    let made: Partial<Switches>[] = [{}];
    for (const name of others) made = made.flatMap((one) => (name === "processes" ? [1, 2, 3] : [false, true]).map((value) => ({ ...one, [name]: value })));
    return made;
  }
  const verdicts = (given: Partial<Switches>): Set<string> => new Set(combinations().map((one) => explore("swapoff", { ...one, ...given }).failed));
  const [anon, shmem] = [{ caller: "anon" }, { caller: "shmem" }] as const;

  test.each([anon, shmem])("with the fix nothing fails: %o", (caller) => {
    for (const rcu of [false, true]) for (const earlyExit of [false, true]) expect(verdicts({ ...caller, rcu, earlyExit, fix: true })).toEqual(new Set([""]));
  });

  test("with a grace period callers under the page-table lock are safe without the fix, shared memory is not", () => {
    expect(verdicts({ ...anon, rcu: true })).toEqual(new Set([""]));
    // One process that nobody helps gives the folio back itself, and touches nothing afterwards.
    for (const rcu of [false, true]) {
      expect(explore("swapoff", { ...shmem, rcu }).failed).toBe(useAfterFree);
      expect(explore("swapoff", { ...shmem, rcu, processes: 1 }).failed).toBe("");
    }
  });

  test("one process is enough when swapoff gives the folio back itself", () => {
    expect(explore("swapoff", { processes: 1 }).failed).toBe("");
    const { failed, trace } = explore("swapoff", { processes: 1, swapoffReclaims: true });
    expect(failed).toBe(useAfterFree);
    expect(trace!.steps).toHaveLength(11);
  });

  test("without the short-cut the look-up of the folio comes too late", () => {
    const { trace } = explore("swapoff", { shortcut: false });
    expect(trace!.steps.at(-1)).toMatchObject({ lane: 0, name: "__try_to_reclaim_swap" });
    expect(trace!.steps).toHaveLength(14);
  });

  test("if try_to_unuse went through every page table the page-table lock would be enough; shared memory has none", () => {
    expect(verdicts({ ...anon, earlyExit: false })).toEqual(new Set([""]));
    expect(explore("swapoff", { ...shmem, earlyExit: false }).failed).toBe(useAfterFree);
  });

  test("the cluster's lock held all the time does not help: its unlock is what comes too late", () => {
    for (const processes of [1, 2, 3]) {
      const { failed, trace } = explore("swapoff", { clusterLock: true, processes });
      expect(failed).toBe(useAfterFree);
      expect(trace!.steps.at(-1)).toMatchObject({ name: "unlock_cluster", touches: "cluster_info" });
    }
  });

  test("with a swapon afterwards freed structures are used a step before another device's can be", () => {
    const { failed, trace } = explore("swapoff", { swapon: true });
    expect([failed, trace!.steps.length]).toEqual([useAfterFree, 15]);
    const late = explore("swapoff", { swapon: true, fix: true, without: "reference-before-drop" });
    expect(late.failed).toBe("another device is used in place of the entry's");
    expect(late.trace!.steps.at(-1)).toMatchObject({ lane: 0, name: "get_swap_device" });
  });

  test("more processes lengthen it by what each of them has to do", () => {
    for (const processes of [2, 3, 4, 5]) {
      const { trace } = explore("swapoff", { processes });
      expect(trace!.steps).toHaveLength(15 + 3 * (processes - 2));
      expect(new Set(trace!.steps.map(({ lane }) => lane)).size).toBe(processes + 1);
    }
  });
});

describe("the other callers", () => {
  test.each([
    ["folio-free-swap", {}],
    ["swp-swapcount", {}],
    ["swp-swapcount", { fix: true }],
    ["swap-in", { fix: true }],
    ["page-out", {}],
    ["shared-slot", { fix: true }],
    ["range", { fix: true }],
    ["range", { fix: true, swapoffReclaims: true, swapon: true }],
    ["range", { fix: true, caller: "shmem" }],
  ] as const)("%s %o holds, with RCU and without", (name, given) => {
    for (const rcu of [false, true]) expect(explore(name, { ...given, rcu })).toMatchObject({ failed: "", notReached: [] });
  });

  test("a fault without a reference does not", () => {
    for (const rcu of [false, true]) expect(explore("swap-in", { rcu }).failed).toBe(useAfterFree);
  });

  test("a range: what is read again without a lock comes too late", () => {
    const { failed, trace } = explore("range");
    expect(failed).toBe(useAfterFree);
    expect(trace!.steps.at(-1)).toMatchObject({ lane: 0, name: "READ_ONCE(swap_map)", touches: "swap_map" });
    expect(explore("range", { processes: 1, swapoffReclaims: true }).failed).toBe(useAfterFree);
    expect(explore("range", { rcu: true }).failed).toBe("");
    expect(explore("range", { rcu: true, caller: "shmem" }).failed).toBe(useAfterFree);
  });

  test("two that share a slot race as two that do not", () => {
    expect(shortText(explore("shared-slot").trace!)).toBe(shortText(explore("swapoff").trace!));
  });
});

describe("what is possible at all", () => {
  test.each(scenarios.map(({ name }) => name))("%s: nothing that must be reachable is not, whatever the switches", (name) => {
    const { switches } = scenarios.find((scenario) => scenario.name === name)!;
    const toggled = switches.filter((one) => one !== "processes" && one !== "caller");
    for (let bits = 0; bits < 1 << toggled.length; bits++) {
      const given = Object.fromEntries(toggled.map((one, index) => [one, (bits & (1 << index)) !== 0]));
      for (const caller of switches.includes("caller") ? (["anon", "shmem"] as const) : (["anon"] as const)) {
        expect(explore(name, { ...given, caller }, true).notReached).toEqual([]);
      }
    }
  });
});

describe("mutants", () => {
  test.each(mutants)("$scenario $switches without $without: breaks $breaks", ({ scenario, switches, without, breaks }) => {
    expect(explore(scenario, switches).failed).toBe("");
    expect(explore(scenario, { ...switches, without }).failed !== "").toBe(breaks);
  });

  test("every ordering is taken away wherever a scenario has it", () => {
    const has = scenarios.flatMap(({ name, orderings }) => orderings.map((ordering) => `${name} ${ordering}`));
    expect(new Set(mutants.map(({ scenario, without }) => `${scenario} ${without}`))).toEqual(new Set(has));
  });

  test("each is needed by somebody", () => {
    expect(new Set(mutants.flatMap(({ breaks, without }) => (breaks ? [without] : [])))).toEqual(new Set(orderingNames));
  });
});

describe("random walks", () => {
  test("the same seed takes the same walks, another seed others", () => {
    const firstFailure = (seed: number): string => {
      const walks = new RandomWalks(build("swapoff", { processes: 3 }), seed);
      for (;;) {
        const failed = walks.walk();
        if (failed !== null) return JSON.stringify([walks.walkCount, failed.path]);
      }
    };
    expect(firstFailure(1)).toBe(firstFailure(1));
    expect(new Set([1, 2, 3, 4].map(firstFailure)).size).toBe(4);
  });

  test("what a walk finds is a way to the failure; with the fix they find none", () => {
    const model = build("swapoff", { processes: 3 });
    const walks = new RandomWalks(model, 7);
    let failed = walks.walk();
    while (failed === null) failed = walks.walk();
    expect(makeTrace(model, failed.path).steps.at(-1)!.broken).toEqual([failed.property.name]);
    const fixed = new RandomWalks(build("swapoff", { processes: 3, fix: true }), 7);
    for (let count = 0; count < 2000; count++) expect(fixed.walk()).toBeNull();
  });
});
