import type { JSX } from "preact";
import { areAsExpected, type RaceMutant } from "../../../src/report/race.ts";
import { mailLook } from "../../../src/report/look.ts";
import { raceMutantsText, switchWord } from "../../../src/report/race-text.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import type { Job } from "../../state/job.ts";

/** Each ordering taken away, one at a time. */
export function Mutants({ job }: { readonly job: Job<"raceMutants"> }): JSX.Element {
  const report = job.reply.value;
  if (job.error.value !== "") return <Failure message={job.error.value} />;
  if (report === null) return job.isBusy.value ? <Loading what={job.stage.value === "" ? "Taking orderings away…" : job.stage.value} /> : <Failure message="It was stopped."><button onClick={() => void job.start({})}>Try again</button></Failure>;
  const broken = report.mutants.filter(({ breaks }) => breaks).length;
  return (
    <div class="race-mutants" tabIndex={0} data-pane="mutants" role="region" aria-label="What every ordering is for">
      <header>
        <div>
          <h1>What every ordering is for</h1>
          <p class="quiet">{`${report.mutants.length} variants, each without one ordering: ${broken} break, ${report.mutants.length - broken} do not. ${areAsExpected(report) ? "All are as they must be." : "Not all are as they must be."}`}</p>
        </div>
        <CopyButton text={() => `${raceMutantsText(report, mailLook).join("\n")}\n`} label="Copy for a mail" />
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">without</th>
            <th scope="col">race</th>
            <th scope="col">outcome</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          {report.mutants.map((mutant, index) => (
            <MutantRow key={index} mutant={mutant} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MutantRow({ mutant: { scenario, switches, without, says, mustBreak, breaks, property, why } }: { readonly mutant: RaceMutant }): JSX.Element {
  const words = Object.entries(switches).map(([name, value]) => (value === true ? switchWord(name as keyof typeof switches) : value === false ? `no ${switchWord(name as keyof typeof switches)}` : String(value)));
  return (
    <tr class={mustBreak === breaks ? "" : "race-no"}>
      <th scope="row">
        <code>{without}</code>
        <p class="quiet">{says}</p>
      </th>
      <td>{[scenario, ...words].join(", ")}</td>
      <td>
        {breaks ? `breaks: ${property}` : "holds"}
        {mustBreak === breaks ? null : <b>{mustBreak ? " (it must break)" : " (it must hold)"}</b>}
      </td>
      <td>{why}</td>
    </tr>
  );
}
