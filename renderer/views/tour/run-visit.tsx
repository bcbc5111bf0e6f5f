import type { JSX } from "preact";
import { type Cells, checkCells, readingCells } from "../../../src/report/cells.ts";
import { commandLine } from "../../../src/report/command.ts";
import { areaNames, metricLabel } from "../../../src/report/labels.ts";
import { unicodeSymbols } from "../../../src/report/look.ts";
import type { Step } from "../../../src/report/result.ts";
import type { RunVisit } from "../../../src/report/tour.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { VerdictMark } from "../../parts/verdict.tsx";

const valueColumns = 40;

interface VisitRow {
  readonly step: Step;
  readonly name: string;
  readonly label: string;
  readonly cells: Cells;
  readonly ok: boolean;
}

/** What the stop shows of a step: what was predicted, then what was only read. */
function rowsOf(step: Step): VisitRow[] {
  const { checks, readings = [] } = step;
  const row = (name: string, cells: Cells, ok: boolean): VisitRow => ({ step, name, label: metricLabel(name, areaNames(checks)), cells, ok });
  return [
    ...checks.map((check) => row(check.name, checkCells(check, valueColumns, unicodeSymbols), check.ok)),
    ...readings.map((reading) => row(reading.name, readingCells(reading, valueColumns, unicodeSymbols), true)),
  ];
}

/** One run on one kernel: what the model said beside what the kernel did. */
export function RunVisitView({ visit, onOpen }: { readonly visit: RunVisit; readonly onOpen: (run: string) => void }): JSX.Element {
  const { kernel, release, verdict, reason, run, checkCount, command, steps } = visit;
  const line = commandLine(command);
  const rows = steps.flatMap(rowsOf);
  return (
    <div class="tour-visit">
      <header>
        {verdict === "skip" ? <span class="quiet">skipped</span> : <VerdictMark verdict={verdict} />}
        <span>{`kernel ${release === "" ? kernel : release}`}</span>
        {checkCount === 0 ? null : <span class="quiet">{`${checkCount} checks`}</span>}
        <span class="tour-visit-buttons">
          <CopyButton text={() => line} label="Copy command" />
          {run === "" ? null : <button title={line} onClick={() => onOpen(run)}>Open the run</button>}
        </span>
      </header>
      {reason === "" ? null : <p class={verdict === "skip" ? "quiet" : "tour-reason"}>{reason}</p>}
      {rows.length === 0 ? null : (
        <table>
          <thead>
            <tr>
              <th scope="col">step</th>
              <th scope="col">metric</th>
              <th scope="col" class="number">model</th>
              <th scope="col"><span class="unseen">verdict</span></th>
              <th scope="col" class="number">kernel</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ step, name, label, cells, ok }, place) => (
              <tr key={`${step.index} ${name}`} class={ok ? "" : "differs"}>
                <td title={step.text}>{rows[place - 1]?.step === step ? "" : `${step.index} ${step.op}`}</td>
                <td title={name}>{label}</td>
                <td class="number">{cells.model}</td>
                <td class="tour-sign" title={cells.note}>{cells.mark}</td>
                <td class="number">{cells.real}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
