import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { mailLook, noPaint, unicodeSymbols } from "../../../src/report/look.ts";
import type { RaceProperty, RaceReport } from "../../../src/report/race.ts";
import { isTold, raceText } from "../../../src/report/race-text.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { verdictWords } from "./race-words.ts";
import { LaneDiagram } from "./lane-diagram.tsx";
import { Variables } from "./variables.tsx";

const signs: Readonly<Record<RaceReport["verdict"], string>> = { holds: "=", broken: "≠", "not-exhausted": "?" };
const textLook = { columns: 72, symbols: unicodeSymbols, paint: noPaint };

/** What was found: in words, drawn, and as the text of the command line. `stage` is what another search is doing meanwhile. */
export function RaceResult({ report, step, stage }: { readonly report: RaceReport; readonly step: Signal<number>; readonly stage: string }): JSX.Element {
  const isText = useSignal(false);
  const { verdict, counterexample } = report;
  const { headline, size } = verdictWords(report);
  return (
    <section class={stage === "" ? "race-result" : "race-result stale"} aria-label="Result" aria-busy={stage !== ""}>
      <header class={`race-verdict ${verdict}`}>
        <div role="status">
          <p>
            <span class="race-sign" aria-hidden="true">{signs[verdict]}</span> <b>{headline}</b>
          </p>
          <p class="quiet">{stage === "" ? size : `${stage}…`}</p>
        </div>
        <span class="race-buttons">
          <CopyButton text={() => `${raceText(report, mailLook, false).join("\n")}\n`} label="Copy for a mail" />
          <button aria-pressed={isText.value} onClick={() => (isText.value = !isText.value)}>Text</button>
        </span>
      </header>
      {isText.value ? (
        <pre class="race-text" tabIndex={0} data-pane="race-text" aria-label="The race as text">{raceText(report, textLook, true).join("\n")}</pre>
      ) : counterexample === null ? (
        <div class="race-reading alone" tabIndex={0} data-pane="race-reading" aria-label="What was found">
          <Reading report={report} />
        </div>
      ) : (
        <div class="race-drawn">
          <LaneDiagram trace={counterexample.trace} step={step} />
          <div class="race-side">
            <Variables trace={counterexample.trace} step={step.value} />
            <div class="race-reading" tabIndex={0} data-pane="race-reading" aria-label="What was found">
              {counterexample.isShortest ? null : <p>{`Found by a random walk (seed ${report.walks?.seed}): a true order of steps, not the shortest.`}</p>}
              <Reading report={report} />
            </div>
          </div>
        </div>
      )}
    </section>
  );
}

const kinds: Readonly<Record<RaceProperty["kind"], string>> = { never: "never", always: "always", can: "possible" };
const outcomes: Readonly<Record<RaceProperty["holds"], string>> = { yes: "holds", no: "does not hold", open: "open" };

function outcomeText({ kind, holds, depth }: RaceProperty): string {
  if (kind !== "can" || holds === "open") return outcomes[holds];
  return holds === "no" ? "no" : `yes, after ${depth} steps`;
}

function Reading({ report }: { readonly report: RaceReport }): JSX.Element {
  const told = report.properties.filter((property) => isTold(property, report));
  return (
    <>
      {report.explanation.map((text) => (
        <p key={text}>{text}</p>
      ))}
      {told.length === 0 ? null : (
        <table class="race-properties">
          <caption>{report.counterexample === null ? "What was looked for" : "What else was looked for"}</caption>
          <tbody>
            {told.map((property) => (
              <tr key={property.name} class={property.holds === "no" ? "race-no" : ""}>
                <td class="quiet">{kinds[property.kind]}</td>
                <td>{property.name}</td>
                <td>{outcomeText(property)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {report.assumptions.length === 0 ? null : (
        <>
          <h3>Taken for granted</h3>
          <ul class="race-assumptions">
            {report.assumptions.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
