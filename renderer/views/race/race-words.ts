import type { RaceReport } from "../../../src/report/race.ts";
import { plural } from "../../../src/report/text.ts";

/** The verdict in a line, and how much was looked at in another. */
export function verdictWords({ verdict, counterexample, properties, stateCount, stepCount, depth, stoppedBy, walks }: RaceReport): { headline: string; size: string } {
  const size = `${number(stateCount)} states, ${number(stepCount)} steps tried${verdict === "broken" ? "" : `, ${depth} deep`}`;
  switch (verdict) {
    case "broken": {
      const failed = counterexample?.property ?? properties.find(({ holds }) => holds === "no")?.name ?? "";
      const steps = counterexample === null ? "" : `, after ${plural(counterexample.trace.steps.length, "step")}`;
      return { headline: `Found: ${failed}${steps}`, size };
    }
    case "holds":
      return { headline: "Exhausted: every order of steps was tried, and nothing fails", size };
    case "not-exhausted": {
      const walked = walks === null ? "" : `, nor on ${number(walks.count)} random walks from seed ${walks.seed}`;
      return { headline: `Not exhausted: ${reasons[stoppedBy] ?? stoppedBy}; nothing was found until then${walked}`, size };
    }
  }
}

const reasons: Readonly<Record<string, string>> = {
  "state limit": "the limit of states was reached",
  memory: "there was no memory for more states",
  deadline: "the time was up",
  interrupt: "it was stopped",
};

const number = (value: number): string => value.toLocaleString("en");
