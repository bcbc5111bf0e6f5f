import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { openExperiment, parseExperiment } from "../lab/experiments.ts";
import { catalogue } from "../lab/kernels/catalogue.ts";
import { vmImagesDir } from "../lab/project.ts";
import { exploreRace, listRaces } from "../lab/races.ts";
import { overridesOf } from "../lab/run-request.ts";
import { findTourStop, tourStops } from "../lab/tour.ts";
import type { Lab } from "../api/lab.ts";
import { runCommandLine } from "./cli.ts";

/** The table of everything that was named in the thread, and what shows it: `vm-images/tour/THREAD.md`. */

const stops = tourStops();
const cards = stops.flatMap((stop) => stop.cards.map(({ name }) => name));

interface ThreadRow {
  readonly number: number;
  readonly what: string;
  readonly commands: readonly string[];
  readonly card: string;
}

const rows = readFileSync(join(vmImagesDir(), "tour", "THREAD.md"), "utf8")
  .split("\n")
  .flatMap((line): ThreadRow[] => {
    const [, number, what, shown, card] = line.split("|").map((cell) => cell.trim());
    if (number === undefined || !/^\d+$/.test(number)) return [];
    return [{ number: Number(number), what: what!, commands: [...shown!.matchAll(/`([^`]+)`/g)].map(([, command]) => command!), card: card! }];
  });

/** A lab that looks up everything that a command names, and starts no guest. */
function lookingLab(): Lab {
  const lookUp = (kernel: string | undefined): void => {
    if (kernel !== undefined && !catalogue.series.some(({ name }) => name === kernel)) throw new Error(`there is no kernel ${kernel}`);
  };
  const plain = fakeLab();
  return fakeLab({
    tourStops,
    races: listRaces,
    race: exploreRace,
    run: async (request, task) => {
      lookUp(request.kernel);
      parseExperiment(openExperiment(request.experiment), overridesOf(request));
      return plain.run(request, task);
    },
    compare: async (request, task) => {
      openExperiment(request.experiment!);
      return plain.compare(request, task);
    },
    visitStop: async ({ stop }) => ({ stop: findTourStop(stops, stop), verdict: "pass", runs: [], races: [], comparisons: [], designs: null, isComplete: true }),
  });
}

test("has all eighty rows, each with something said of it", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  for (const { number, what } of rows) expect(what.length, `row ${number}`).toBeGreaterThan(20);
});

test("every row is shown by a command or told on a card, and every card by a row", () => {
  for (const { number, commands, card } of rows) {
    expect(commands.length + card.length, `row ${number}`).toBeGreaterThan(0);
    if (card !== "") expect(cards, `row ${number}`).toContain(card);
  }
  expect(cards.filter((card) => !rows.some((row) => row.card === card))).toEqual([]);
});

test("every stop shows some row", () => {
  const shown = new Set(rows.flatMap(({ commands, card }) => [...commands.filter((command) => command.startsWith("tour ")).map((command) => command.slice("tour ".length)), ...stops.filter((stop) => stop.cards.some(({ name }) => name === card)).map(({ name }) => name)]));
  expect(stops.filter(({ name }) => !shown.has(name))).toEqual([]);
});

describe("every command is one", () => {
  const commands = [...new Set(rows.flatMap((row) => row.commands))];
  test.each(commands)("%s", async (command) => {
    const words = command.split(" ");
    const context = fakeContext({ lab: lookingLab() });
    const exitCode = await runCommandLine(words, context);
    // What is looked for in a race may be found.
    expect(words[0] === "race" ? [0, 1] : [0], context.err()).toContain(exitCode);
    expect(context.out()).not.toBe("");
  });
});
