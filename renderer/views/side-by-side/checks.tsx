import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { type Cells, checkCells } from "../../../src/report/cells.ts";
import { areaNames, metricLabel } from "../../../src/report/labels.ts";
import { unicodeSymbols } from "../../../src/report/look.ts";
import type { Check, Step } from "../../../src/report/result.ts";
import { Empty } from "../../parts/states.tsx";
import { VirtualRows } from "../../parts/virtual-rows.tsx";
import { mapState, showSlot } from "../../state/maps.ts";
import { chooseStep, live, result, step } from "../../state/shown.ts";
import { checkSlot } from "../../state/check-slot.ts";
import "./checks.css";

const rowPx = 24;
const valueColumns = 40;

export const onlyDiffering = signal(false);
const letters = signal("");
const chosenName = signal("");

/** What was compared after the chosen step. A check leads to the slots that it speaks of. */
export function Checks(): JSX.Element {
  const at = step.value;
  if (at === null) {
    return (
      <section class="checks" aria-label="Checks">
        {result.value !== null ? <Empty title="No checks">The run ended before its first step.</Empty> : live.value === null ? <Empty title="No checks yet">Every number that model and kernel have in common is compared after every step.</Empty> : <Empty title="Checks come with the verdict" />}
      </section>
    );
  }
  return <StepChecks at={at} />;
}

function StepChecks({ at }: { readonly at: Step }): JSX.Element {
  const names = areaNames(at.checks);
  const label = (check: Check): string => metricLabel(check.name, names);
  const wanted = letters.value.trim().toLowerCase();
  const differing = at.checks.filter(({ ok }) => !ok).length;
  const rows = at.checks.filter((check) => (!onlyDiffering.value || !check.ok) && (check.name.toLowerCase().includes(wanted) || label(check).toLowerCase().includes(wanted)));
  // What differs comes first.
  rows.sort((a, b) => Number(a.ok) - Number(b.ok));
  const chosen = rows.findIndex(({ name }) => name === chosenName.value);
  const choose = (index: number): void => {
    const check = rows[index];
    if (check === undefined) return;
    chosenName.value = check.name;
    showSlots(check);
  };
  return (
    <section class="checks" aria-label="Checks" data-pane="checks">
      <header>
        <h2 class="cut">{`Step ${at.index}, ${at.op}`}</h2>
        <span class={differing === 0 ? "quiet" : "checks-bad"}>{differing === 0 ? `${at.checks.length} checks equal` : `${differing} of ${at.checks.length} differ`}</span>
      </header>
      <div class="checks-tools">
        <input type="search" aria-label="Search checks" placeholder="Search checks" value={letters.value} onInput={(event) => (letters.value = event.currentTarget.value)} />
        <label class="check-filter" title="Differences only  D">
          <input type="checkbox" checked={onlyDiffering.value} onChange={(event) => (onlyDiffering.value = event.currentTarget.checked)} /> differences only
        </label>
      </div>
      <VirtualRows
        label={`Checks of step ${at.index}`}
        rowCount={rows.length}
        rowPx={rowPx}
        chosen={chosen < 0 ? null : chosen}
        onChoose={choose}
        heading={
          <div class="check-row">
            <span role="columnheader">check</span>
            <span role="columnheader" class="number">model</span>
            <span role="columnheader">
              <span class="unseen">verdict</span>
            </span>
            <span role="columnheader" class="number">kernel</span>
          </div>
        }
        row={(index) => <CheckRow check={rows[index]!} label={label(rows[index]!)} />}
      />
      {rows.length === 0 ? <NoneLeft at={at} /> : null}
      <CheckDetail check={rows[chosen] ?? null} label={label} />
    </section>
  );
}

/** A placement can be megabytes long: it is read once. */
function cellsOf(check: Check): Cells {
  const kept = knownCells.get(check) ?? checkCells(check, valueColumns, unicodeSymbols);
  knownCells.set(check, kept);
  return kept;
}

const knownCells = new WeakMap<Check, Cells>();

/** As much of a value as anybody reads here; the report has the whole. */
function valueText(value: number | string): string {
  const text = String(value);
  if (text === "") return "none";
  return text.length <= valueCharsMax ? text : `${text.slice(0, valueCharsMax)}… (${text.length.toLocaleString("en")} characters)`;
}

const valueCharsMax = 2000;

function CheckRow({ check, label }: { readonly check: Check; readonly label: string }): JSX.Element {
  const { model, real, mark, note } = cellsOf(check);
  return (
    <div class={check.ok ? "check-row" : "check-row differs"}>
      <span role="gridcell" class="cut" title={check.name}>{label}</span>
      <span role="gridcell" class="number cut" title={model}>{model}</span>
      <span role="gridcell" class="check-mark" title={check.kind === "exact" ? note : `${check.kind} ${note}`}>{mark}</span>
      <span role="gridcell" class="number cut" title={real}>{real}</span>
    </div>
  );
}

function NoneLeft({ at }: { readonly at: Step }): JSX.Element {
  const first = result.value?.firstDivergence;
  if (letters.value !== "") return <p class="checks-none quiet">No check has these letters in its name.</p>;
  if (first == null || first.step === at.index) return <p class="checks-none quiet">Every check of this step is equal.</p>;
  return (
    <p class="checks-none quiet">
      This step is equal. <button onClick={() => chooseStep(first.step)}>{`To step ${first.step}, the first that differs`}</button>
    </p>
  );
}

/** Always of one height. */
function CheckDetail({ check, label }: { readonly check: Check | null; readonly label: (check: Check) => string }): JSX.Element {
  if (check === null) return <div class="check-detail quiet">Choose a check for its values in full and the slots that it speaks of.</div>;
  const { model, real, kind, low, high, reason = "" } = check;
  const range = low === undefined ? "" : ` ${low}..${high}`;
  return (
    <div class="check-detail">
      <p>
        <b>{label(check)}</b> <span class="quiet">{`${kind}${range}`}</span>{" "}
        {checkSlot(check, clusterSlots()) === null ? null : <button class="plain check-slots" onClick={() => showSlots(check)}>Show slots</button>}
      </p>
      <dl>
        <dt>model</dt>
        <dd class="mono">{valueText(model)}</dd>
        <dt>kernel</dt>
        <dd class="mono">{valueText(real)}</dd>
      </dl>
      {reason === "" ? null : <p class="quiet">{reason}</p>}
    </div>
  );
}

const clusterSlots = (): number => mapState.pair.value?.grid.columns ?? 1;

function showSlots(check: Check): void {
  const found = checkSlot(check, clusterSlots());
  if (found !== null) showSlot(found);
}
