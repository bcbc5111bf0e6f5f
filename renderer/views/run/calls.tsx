import type { JSX } from "preact";
import { Empty } from "../../parts/states.tsx";
import { readings, stepIndex, stepMarks } from "../../state/shown.ts";
import "./calls.css";

/** How often each probed function was called, in the chosen step and in all. */
export function Calls(): JSX.Element {
  const all = readings.value;
  const chosen = stepIndex.value;
  const totals = new Map<string, { model: number; kernel: number }>();
  for (const { values } of all) {
    for (const [name, { model, kernel }] of values) {
      if (!name.startsWith("calls.")) continue;
      const before = totals.get(name) ?? { model: 0, kernel: 0 };
      totals.set(name, { model: before.model + model, kernel: before.kernel + kernel });
    }
  }
  const rows = [...totals].filter(([, { model, kernel }]) => model + kernel > 0).sort((a, b) => b[1].kernel - a[1].kernel);
  if (rows.length === 0) return <Empty title="No calls">No probed function was called, or nothing has run yet.</Empty>;
  const here = all.find(({ index }) => index === chosen)?.values;
  return (
    <table class="calls">
      <thead>
        <tr>
          <th scope="col">function</th>
          <th scope="col" colSpan={3}>step {chosen}, {stepMarks.value[chosen]?.op}: model, kernel</th>
          <th scope="col" colSpan={3}>whole run: model, kernel</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, total]) => (
          <tr key={name}>
            <th scope="row" class="mono">{name.slice("calls.".length)}</th>
            <Pair values={here?.get(name) ?? { model: 0, kernel: 0 }} />
            <Pair values={total} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pair({ values: { model, kernel } }: { readonly values: { readonly model: number; readonly kernel: number } }): JSX.Element {
  const mark = model === kernel ? "=" : "≠";
  const style = model === kernel ? (kernel === 0 ? "number zero" : "number") : "number differs";
  return (
    <>
      <td class={style}>{model}</td>
      <td class={style}>{kernel}</td>
      <td class={model === kernel ? "mark quiet" : "mark differs"}>{mark}</td>
    </>
  );
}
