import type { JSX } from "preact";
import { useSignal } from "@preact/signals";
import { Choice } from "../../parts/field.tsx";
import { errorText, lab } from "../../state/connection.ts";
import { kernels } from "../../state/lists.ts";
import { changeSettings, settings, settingsError } from "../../state/settings.ts";
import { Failure } from "../../parts/states.tsx";
import { themeChoice, themeChoices } from "../../shell/theme.ts";
import "./settings.css";

const themeNames = { system: "as the system", light: "light", dark: "dark" } as const;
const accelerators = [["auto", "whichever works"] as const, ["tcg", "TCG, always there"] as const, ["kvm", "KVM"] as const];

export function SettingsView(): JSX.Element {
  return (
    <div class="settings page" data-pane="settings">
      <header>
        <div>
          <h1>Settings</h1>
          <p class="quiet">They hold for the window, the browser and the command line alike.</p>
        </div>
      </header>
      {settingsError.value === "" ? null : <Failure message={settingsError.value} />}
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
        <Choice
          label="Accelerator, where a run does not say"
          width={220}
          value={settings.value?.accelerator ?? "auto"}
          choices={accelerators}
          onChange={(value) => void changeSettings({ accelerator: accelerators.find(([known]) => known === value)?.[0] ?? "auto" })}
        />
      </section>
      <section aria-labelledby="settings-kernels">
        <h2 id="settings-kernels">Kernels</h2>
        <p class="quiet">Debian’s kernels are fetched when they are first needed. Kernels of your own are listed beside them: name build trees, or folders that hold some, one a line.</p>
        <KernelFolders />
        <Kernels />
      </section>
    </div>
  );
}

function KernelFolders(): JSX.Element {
  const kept = settings.value?.kernelFolders.join("\n") ?? "";
  const typed = useSignal<string | null>(null);
  const text = typed.value ?? kept;
  const save = (): void => {
    void changeSettings({ kernelFolders: text.split("\n").map((folder) => folder.trim()).filter((folder) => folder !== "") });
    typed.value = null;
  };
  return (
    <div class="kernel-folders">
      <textarea aria-label="Folders of kernels, one a line" rows={2} spellcheck={false} placeholder="~/linux" value={text} onInput={(event) => (typed.value = event.currentTarget.value)} />
      <button disabled={text === kept} onClick={save}>Save</button>
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
