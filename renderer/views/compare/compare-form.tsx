import type { JSX } from "preact";
import { defaultExperiment, defaultKernel, timedRunsMax } from "../../../src/api/request.ts";
import { Choice, TextField } from "../../parts/field.tsx";
import { canCompare, changeCompareForm, compareForm, comparing, operands, startComparison } from "../../state/compare.ts";
import { comparedKind, takesExperiment, takesKernel } from "../../state/compare-request.ts";
import { experiments, kernels } from "../../state/lists.ts";

const operandList = "compare-operands";
const kernelList = "compare-kernels";

/** The two sides, what both of them run, and the button. */
export function CompareFormView(): JSX.Element {
  const { a, b, experiment, kernel, runCount } = compareForm.value;
  const kind = comparedKind(compareForm.value);
  const names = experiments.loaded.value.value?.map(({ name }) => [name, name] as const) ?? [];
  const submit = (event: Event): void => {
    event.preventDefault();
    startComparison();
  };
  return (
    <form class="compare-form" aria-label="Compare" data-pane="compare" onSubmit={submit}>
      <div class="compare-title">
        <h1>Compare</h1>
        <p class="quiet">two kernels, devices, folio sizes or runs: the same experiment on both sides</p>
      </div>
      <div class="compare-fields">
        <TextField label="A" width={150} value={a} placeholder="6.1" suggestions={operandList} onChange={(value) => changeCompareForm({ a: value })} />
        <TextField label="B" width={150} value={b} placeholder={defaultKernel} suggestions={operandList} onChange={(value) => changeCompareForm({ b: value })} />
        {takesExperiment(kind) ? <Choice label="Experiment" width={250} value={experiment} choices={[["", `default: ${defaultExperiment}`], ...names]} onChange={(value) => changeCompareForm({ experiment: value })} /> : null}
        {takesKernel(kind) ? <TextField label="Kernel" width={110} value={kernel} placeholder={defaultKernel} suggestions={kernelList} onChange={(value) => changeCompareForm({ kernel: value })} /> : null}
        {takesExperiment(kind) ? <TextField label="Timed runs a side" width={110} value={runCount === 0 ? "" : String(runCount)} placeholder="none" onChange={(value) => changeCompareForm({ runCount: Math.min(timedRunsMax, Number(value.replaceAll(/\D/g, ""))) })} /> : null}
        <CompareOrStop />
      </div>
      <datalist id={operandList}>
        {operands.value.map(([value, says]) => (
          <option key={value} value={value}>{says}</option>
        ))}
      </datalist>
      <datalist id={kernelList}>
        {(kernels.loaded.value.value ?? []).map(({ series }) => (
          <option key={series} value={series} />
        ))}
      </datalist>
    </form>
  );
}

function CompareOrStop(): JSX.Element {
  if (!comparing.isBusy.value) return <button type="submit" class="main compare-button" disabled={!canCompare.value}>Run</button>;
  return (
    <button type="button" class="danger compare-button" disabled={comparing.isStopping.value} onClick={() => comparing.stop()}>
      {comparing.isStopping.value ? "Stopping…" : "Stop"}
    </button>
  );
}
