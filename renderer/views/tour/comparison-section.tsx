import type { JSX } from "preact";
import { commandLine } from "../../../src/report/command.ts";
import { comparisonLines } from "../../../src/report/comparison-text.ts";
import type { ComparisonVisit } from "../../../src/report/tour.ts";
import type { TourComparison } from "../../../src/workload/tour-stop.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";
import { textLook } from "./text-look.ts";

interface ComparisonSectionProps {
  readonly asked: TourComparison;
  readonly visit: ComparisonVisit | undefined;
  /** The stop was visited on one kernel, which has nothing beside it. */
  readonly isLeftOut: boolean;
}

/** Two kernels beside each other and, once they ran, what differs. */
export function ComparisonSection({ asked, visit, isLeftOut }: ComparisonSectionProps): JSX.Element {
  const { title, kernels, experiment, folio, size, runCount } = asked;
  const facts = [`kernels ${kernels.join(" and ")}`, experiment, folio, size, `${runCount} timed runs each`, isLeftOut ? "not run: it takes two kernels" : undefined];
  return (
    <section class="tour-run" aria-label={title}>
      <h2>{title}</h2>
      {visit === undefined ? <p class="quiet">{facts.filter((fact) => fact !== undefined).join("  ·  ")}</p> : <Compared visit={visit} />}
    </section>
  );
}

function Compared({ visit: { verdict, comparison } }: { readonly visit: ComparisonVisit }): JSX.Element {
  const { a, b, command } = comparison;
  return (
    <div class="tour-visit">
      <header>
        <VerdictMark verdict={verdict} />
        <span>{`kernel ${a.label} beside ${b.label}`}</span>
        <span class="tour-visit-buttons">
          <CopyButton text={() => commandLine(command)} label="Copy command" />
        </span>
      </header>
      <pre tabIndex={0} aria-label={`${a.label} beside ${b.label}, as text`}>{comparisonLines(comparison, textLook, false).join("\n")}</pre>
    </div>
  );
}
