import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exploration, type Move } from "./explorer.ts";
import { blocked, type Actor, type Model, type Property, type State, type Step } from "./model.ts";

const step = (at: number, take: Step["take"]): Step => ({ at, name: `step ${at}`, does: "", touches: "", take });

function model(actors: readonly (readonly Step[])[], properties: readonly Property[], variableCount = 4): Model {
  const made = actors.map((steps, index): Actor => ({ name: `A${index}`, steps, end: Math.max(0, ...steps.map(({ at }) => at)) + 1 }));
  return { actors: made, byteCount: actors.length + variableCount, start: () => undefined, properties, shown: [] };
}

function explored(searched: Model, options: { stateLimit?: number; goOn?: boolean } = {}): Exploration {
  const exploration = new Exploration(searched, { stateLimit: 1_000_000, ...options });
  while (exploration.advance(7));
  return exploration;
}

const found = (exploration: Exploration, name: string) => exploration.findings().find(({ property }) => property.name === name)!;
const actorsOf = (path: readonly Move[]): string => path.map(({ actor }) => actor).join("");

/** Reads a shared number, then writes one more than it has read. */
function increment(actorCount: number, actor: number): Step[] {
  const shared = actorCount;
  const own = actorCount + 1 + actor;
  return [
    step(0, (state) => {
      state[own] = state[shared]!;
      return 1;
    }),
    step(1, (state) => {
      state[shared] = state[own]! + 1;
      return 2;
    }),
  ];
}

const bothOver = (state: State): boolean => state[0] === 2 && state[1] === 2;
const lostUpdate: Property = { kind: "never", name: "lost", test: (state) => bothOver(state) && state[2] !== 2 };

describe("exploration", () => {
  test("finds the lost update, and that nothing need be lost", () => {
    const kept: Property = { kind: "can", name: "kept", test: (state) => bothOver(state) && state[2] === 2 };
    const exploration = explored(model([increment(2, 0), increment(2, 1)], [lostUpdate, kept]), { goOn: true });
    expect(found(exploration, "lost")).toMatchObject({ holds: "no", depth: 4 });
    // Of 0101, 0110, 1001 and 1010 those with two changes come first, and then the one that begins with actor 0.
    expect(actorsOf(exploration.path(lostUpdate))).toBe("0110");
    expect(found(exploration, "kept")).toMatchObject({ holds: "yes", depth: 4 });
    expect(exploration.isExhausted).toBe(true);
  });

  test("a property that no state decides holds when everything was looked at, and is open before", () => {
    const never: Property = { kind: "never", name: "never", test: (state) => state[2] === 9 };
    const always: Property = { kind: "always", name: "always", test: (state) => state[2]! < 9 };
    const can: Property = { kind: "can", name: "can", test: (state) => state[2] === 9 };
    const searched = model([increment(2, 0), increment(2, 1)], [never, always, can]);
    expect(explored(searched).findings().map(({ holds }) => holds)).toEqual(["yes", "yes", "no", "yes"]);
    expect(explored(searched, { stateLimit: 5 }).findings().map(({ holds }) => holds)).toEqual(["open", "open", "open", "open"]);
  });

  test("always fails in the first state where it does not hold", () => {
    const small: Property = { kind: "always", name: "small", test: (state) => state[2]! < 2 };
    const exploration = explored(model([increment(2, 0), increment(2, 1)], [small]));
    expect(found(exploration, "small")).toMatchObject({ holds: "no", depth: 4 });
    expect(actorsOf(exploration.path(small))).toBe("0011");
  });

  test("the limit is how many states are kept: as many as there are is enough", () => {
    const searched = model([increment(2, 0), increment(2, 1)], []);
    const { stateCount } = explored(searched);
    expect(explored(searched, { stateLimit: stateCount })).toMatchObject({ isExhausted: true, stateCount });
    expect(explored(searched, { stateLimit: stateCount - 1 })).toMatchObject({ isExhausted: false, stateCount: stateCount - 1 });
  });

  test("who waits for ever is found, who has come to the end is not", () => {
    const waits = model([[step(0, (state) => (state[2] === 1 ? 1 : blocked))], [step(0, () => 1)]], []);
    expect(found(explored(waits), "somebody waits for ever")).toMatchObject({ holds: "no", depth: 1 });
    const exploration = explored(waits);
    expect(actorsOf(exploration.path(found(exploration, "somebody waits for ever").property))).toBe("1");
    const isWoken = model(
      [
        [step(0, (state) => (state[2] === 1 ? 1 : blocked))],
        [
          step(0, (state) => {
            state[2] = 1;
            return 1;
          }),
        ],
      ],
      [],
    );
    expect(found(explored(isWoken), "somebody waits for ever").holds).toBe("yes");
  });

  test("alternatives at one place are all taken", () => {
    const writes = (value: number): Step =>
      step(0, (state) => {
        state[1] = value;
        return 1;
      });
    const seen = (value: number): Property => ({ kind: "can", name: String(value), test: (state) => state[1] === value });
    const exploration = explored(model([[writes(3), writes(5)]], [seen(3), seen(5), seen(4)]));
    expect(exploration.findings().map(({ holds }) => holds)).toEqual(["yes", "yes", "no", "yes"]);
    expect(exploration.path(exploration.findings()[1]!.property)).toEqual([{ actor: 0, step: 1 }]);
  });

  test("states in which a property has failed are not gone on from", () => {
    const third: Property = { kind: "never", name: "third", test: (state) => state[1] === 3 };
    const counts = Array.from({ length: 9 }, (_, place) =>
      step(place, (state) => {
        state[1]!++;
        return place + 1;
      }),
    );
    expect(explored(model([counts], [third]), { goOn: true })).toMatchObject({ stateCount: 4, isExhausted: true });
  });
});

/** A program of a few steps that add to a shared variable or wait until it has a value. */
const programs = fc.array(
  fc.array(
    fc.record({ adds: fc.integer({ min: 0, max: 2 }), variable: fc.integer({ min: 0, max: 1 }), waitsFor: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 3, nil: null }) }),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 2, maxLength: 3 },
);
type Programs = typeof programs extends fc.Arbitrary<infer T> ? T : never;

function playedBy(given: Programs, target: number): Model {
  const actorCount = given.length;
  const actors = given.map((steps) =>
    steps.map(({ adds, variable, waitsFor }, at) =>
      step(at, (state) => {
        const index = actorCount + variable;
        if (waitsFor !== null && state[index] !== waitsFor) return blocked;
        state[index] = (state[index]! + adds) % 5;
        return at + 1;
      }),
    ),
  );
  return model(actors, [{ kind: "never", name: "target", test: (state) => state[actorCount] === target }], 2);
}

/** Every order of steps, one by one, without a table: what is reached, and the best way to the target. */
function tryAll({ actors, byteCount, properties }: Model): { states: Set<string>; best: readonly number[] | null } {
  const states = new Set<string>();
  let best: readonly number[] | null = null;
  const [target] = properties;
  const changes = (path: readonly number[]): number => path.filter((actor, index) => index > 0 && actor !== path[index - 1]).length;
  const isBetter = (path: readonly number[]): boolean =>
    best === null || path.length < best.length || (path.length === best.length && (changes(path) < changes(best) || (changes(path) === changes(best) && path.join("") < best.join(""))));
  const go = (state: State, path: readonly number[]): void => {
    states.add(state.join());
    if (target!.test(state)) {
      if (isBetter(path)) best = path;
      return;
    }
    for (const [actor, { steps }] of actors.entries()) {
      for (const { at, take } of steps) {
        if (at !== state[actor]) continue;
        const next = state.slice();
        const place = take(next);
        if (place < 0) continue;
        next[actor] = place;
        go(next, [...path, actor]);
      }
    }
  };
  go(new Uint8Array(byteCount), []);
  return { states, best };
}

describe("against trying every order by itself", () => {
  test("the same states, and the same best way to the target", () => {
    fc.assert(
      fc.property(programs, fc.integer({ min: 1, max: 4 }), (given, target) => {
        const searched = playedBy(given, target);
        const { states, best } = tryAll(searched);
        expect(explored(searched, { goOn: true }).stateCount).toBe(states.size);
        const exploration = explored(searched);
        const finding = found(exploration, "target");
        // A search that ends with the first failure may have ended with somebody who waits for ever.
        const whole = finding.holds === "open" ? explored(searched, { goOn: true }) : exploration;
        expect(found(whole, "target").holds).toBe(best === null ? "yes" : "no");
        if (best !== null) expect(whole.path(finding.property).map(({ actor }) => actor)).toEqual(best);
      }),
      { numRuns: 300 },
    );
  });
});
