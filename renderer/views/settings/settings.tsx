import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Choice, TextField } from "../../parts/field.tsx";
import { errorText, lab } from "../../state/connection.ts";
import { changeForm, form } from "../../state/form.ts";
import { kernels } from "../../state/lists.ts";
import { themeChoice, themeChoices } from "../../shell/theme.ts";
import "./settings.css";

const themeNames = { system: "as the system", light: "light", dark: "dark" } as const;
const accelerators = [["", "whichever works"] as const, ["tcg", "TCG, always there"] as const, ["kvm", "KVM"] as const];

export function SettingsView(): JSX.Element {
  const { accelerator, memoryMb } = form.value;
  return (
    <div class="settings page" data-pane="settings">
      <header>
        <h1>Settings</h1>
      </header>
      <section aria-labelledby="settings-window">
        <h2 id="settings-window">Window</h2>
        <fieldset class="segments">
          <legend>Theme</legend>
          {themeChoices.map((choice) => (
            <button key={choice} aria-pressed={themeChoice.value === choice} onClick={() => (themeChoice.value = choice)}>
              {themeNames[choice]}
            </button>
          ))}
        </fieldset>
      </section>
      <section aria-labelledby="settings-guests">
        <h2 id="settings-guests">Guests</h2>
        <div class="settings-row">
          <Choice label="Accelerator" width={180} value={accelerator} choices={accelerators} onChange={(value) => changeForm({ accelerator: value === "tcg" || value === "kvm" ? value : "" })} />
          <TextField label="Memory, MiB" width={100} value={memoryMb} placeholder="1024" onChange={(value) => changeForm({ memoryMb: value.replaceAll(/\D/g, "") })} />
        </div>
      </section>
      <section aria-labelledby="settings-kernels">
        <h2 id="settings-kernels">Kernels</h2>
        <p class="quiet">Debian’s kernels, fetched when first needed. A kernel of your own is chosen by its path: a build tree, a bzImage or a vmlinux.</p>
        <Kernels />
      </section>
    </div>
  );
}

function Kernels(): JSX.Element {
  const { value, error } = kernels.loaded.value;
  const fetching = useSignal("");
  const said = useSignal("");
  const amount = useSignal<{ doneBytes: number; totalBytes: number } | null>(null);
  const fetchKernel = async (series: string): Promise<void> => {
    fetching.value = series;
    said.value = "";
    try {
      await lab().call("kernels.fetch", { series }, {
        onProgress: (event) => {
          said.value = `${event.stage}: ${event.detail}`;
          amount.value = event.amount ?? null;
        },
      });
      said.value = "";
    } catch (thrown) {
      said.value = errorText(thrown);
    } finally {
      fetching.value = "";
      amount.value = null;
    }
  };
  return (
    <>
      <table class="kernels">
        <thead>
          <tr>
            <th scope="col">series</th>
            <th scope="col">release</th>
            <th scope="col">package</th>
            <th scope="col">from</th>
            <th scope="col"><span class="unseen">fetch</span></th>
          </tr>
        </thead>
        <tbody>
          {(value ?? []).map(({ series, release, packageVersion, fetched, detail }) => (
            <tr key={series}>
              <th scope="row" class="mono">{series}</th>
              <td class="mono">{release}</td>
              <td class="mono">{packageVersion}</td>
              <td>{detail}</td>
              <td>
                {fetched ? <span class="quiet">here</span> : <button disabled={fetching.value !== ""} onClick={() => void fetchKernel(series)}>{fetching.value === series ? "Fetching…" : "Fetch"}</button>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="settings-said" role="status">
        {error === "" ? said.value : error} {amount.value === null ? null : <progress value={amount.value.doneBytes} max={amount.value.totalBytes} aria-label="Bytes fetched" />}
      </p>
    </>
  );
}
