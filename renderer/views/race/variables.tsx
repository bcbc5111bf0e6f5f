import type { JSX } from "preact";
import type { Trace } from "../../../src/races/trace.ts";

/** What is shared, after a step; what the step changed stands out. */
export function Variables({ trace, step }: { readonly trace: Trace; readonly step: number }): JSX.Element | null {
  const at = trace.steps[step];
  if (at === undefined) return null;
  const before = trace.steps[step - 1]?.values ?? trace.start;
  return (
    <div class="race-variables">
      <h2>{`After step ${step + 1} of ${trace.steps.length}`}</h2>
      <p class="race-does">
        <b>{trace.lanes[at.lane]}</b> <code>{at.name}</code> {at.does}
        {at.touches === "" ? "" : `; uses ${at.touches}`}
      </p>
      <table>
        <caption class="unseen">{`Shared variables after step ${step + 1}`}</caption>
        <tbody>
          {trace.variables.map((name, place) => (
            <tr key={name} class={at.changed.includes(place) ? "changed" : ""}>
              <th scope="row">{name}</th>
              <td class="mono">{at.values[place]}</td>
              <td class="mono quiet">{at.changed.includes(place) ? `was ${before[place]}` : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
