import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { generationNames } from "../../../src/model/features.ts";
import { cpuCountMax, deviceNames } from "../../../src/workload/ops.ts";
import { Choice, TextField } from "../../parts/field.tsx";
import { useNow } from "../../parts/now.ts";
import { changeForm, form, isAsIs, takeBack } from "../../state/form.ts";
import { folioNames } from "../../state/folios.ts";
import { experiments, kernels } from "../../state/lists.ts";
import { canRun, isBusy, running } from "../../state/run.ts";
import "./run-form.css";

/** The experiment's own choice. */
const own = ["", "default"] as const;
const path = "a path…";
const folios = [own, ...folioNames.map(pair)];
const devices = [own, ...deviceNames.map(pair)];
const cpus = [own, ...Array.from({ length: cpuCountMax }, (_, index) => pair(String(index + 1)))];
const models = [["", "the guest’s"] as const, ...generationNames.map(pair)];
const accelerators = [["", "as set"] as const, ["tcg", "TCG"] as const, ["kvm", "KVM"] as const];

function pair(text: string): readonly [string, string] {
  return [text, text];
}

/** What is run, on what, and the button. */
export function RunForm({ onRun, onStop, onEdit }: { readonly onRun: () => void; readonly onStop: () => void; readonly onEdit: () => void }): JSX.Element {
  const { experiment, device, folio, size, cpus: cpuCount } = form.value;
  const isMore = useSignal(false);
  const title = experiments.loaded.value.value?.find(({ name }) => name === experiment)?.title ?? "";
  return (
    <section class="run-form" aria-label="Run" data-pane="run">
      <div class="run-title">
        <div class="run-name">
          <h1 class="cut">{experiment}</h1>
          <button class="plain" title="Edit the experiment  E" onClick={onEdit}>
            Edit
          </button>
        </div>
        <p class="cut quiet" title={title}>{title}</p>
      </div>
      <div class="run-fields">
        <KernelChoice />
        <Choice label="Device" width={96} value={device} choices={devices} onChange={(value) => changeForm({ device: value })} />
        <Choice label="Folio" width={88} value={folio} choices={folios} onChange={(value) => changeForm({ folio: value })} />
        <TextField label="Size" width={72} value={size} placeholder="default" onChange={(value) => changeForm({ size: value })} />
        <Choice label="vCPUs" width={76} value={cpuCount} choices={cpus} onChange={(value) => changeForm({ cpus: value })} />
        <button class="plain" aria-expanded={isMore.value} onClick={() => (isMore.value = !isMore.value)}>
          More {isMore.value ? "▴" : "▾"}
        </button>
        <RunOrStop onRun={onRun} onStop={onStop} />
      </div>
      {isMore.value ? <MoreFields /> : null}
    </section>
  );
}

function RunOrStop({ onRun, onStop }: { readonly onRun: () => void; readonly onStop: () => void }): JSX.Element {
  const run = running.value;
  if (!isBusy.value || run === null) return <button class="main run-button" title="Run  R" disabled={!canRun.value} onClick={onRun}>Run</button>;
  if (run.stopAskedMs.value !== null) return <Stopping askedMs={run.stopAskedMs.value} onLeave={() => run.leave()} />;
  return (
    <button class="danger run-button" title="Stop  Ctrl ." onClick={onStop}>
      {run.phase.value === "kept" ? "End guest" : "Stop"}
    </button>
  );
}

/** The lab asks QEMU to quit and then kills it; whoever still waits can end the connection, with which every guest of it ends. */
function Stopping({ askedMs, onLeave }: { readonly askedMs: number; readonly onLeave: () => void }): JSX.Element {
  const isLong = useNow() - askedMs > patienceMs;
  return (
    <button class="danger run-button" disabled={!isLong} title={isLong ? "Ends the connection, and with it every guest of this window" : ""} onClick={onLeave}>
      {isLong ? "Disconnect" : "Stopping…"}
    </button>
  );
}

/** More than the lab takes until it kills. */
const patienceMs = 6000;

function KernelChoice(): JSX.Element {
  const { kernel } = form.value;
  const { value } = kernels.loaded.value;
  const isPath = useSignal(!/^\d+\.\d+$/.test(kernel));
  if (isPath.value) {
    return (
      <div class="kernel-path">
        <TextField label="Kernel: tree, bzImage or vmlinux" width={190} value={kernel} placeholder="~/linux" onChange={(typed) => changeForm({ kernel: typed })} />
        <button class="plain" aria-label="Choose from the list" title="Choose from the list" onClick={() => {
            isPath.value = false;
            changeForm({ kernel: value?.[0]?.series ?? "6.12" });
          }}
        >
          ✕
        </button>
      </div>
    );
  }
  const known = (value ?? []).map(({ series, fetched }) => [series, fetched ? series : `${series} (to be fetched)`] as const);
  return (
    <Choice
      label="Kernel"
      width={104}
      value={kernel}
      choices={[...known, [path, path]]}
      onChange={(chosen) => {
        if (chosen !== path) changeForm({ kernel: chosen });
        else {
          isPath.value = true;
          changeForm({ kernel: "~/linux" });
        }
      }}
    />
  );
}

function MoreFields(): JSX.Element {
  const { swapSize, model, memoryMb, accelerator, set, isUnprobed, isCold, keepsGuest } = form.value;
  return (
    <div class="run-more">
      <TextField label="Swap area" width={80} value={swapSize} placeholder="default" onChange={(value) => changeForm({ swapSize: value })} />
      <Choice label="Model" width={106} value={model} choices={models} onChange={(value) => changeForm({ model: value })} />
      <TextField label="Memory, MiB" width={84} value={memoryMb} placeholder="1024" onChange={(value) => changeForm({ memoryMb: value.replaceAll(/\D/g, "") })} />
      <Choice label="Accelerator" width={140} value={accelerator} choices={accelerators} onChange={(value) => changeForm({ accelerator: value === "tcg" || value === "kvm" ? value : "" })} />
      <TextField label="Other parameters" width={130} value={set} placeholder="name=value" onChange={(value) => changeForm({ set: value })} />
      <label class="check" title="No function is probed: no call is counted, and no step takes longer for it">
        <input type="checkbox" checked={isUnprobed} onChange={(event) => changeForm({ isUnprobed: event.currentTarget.checked })} /> no probes
      </label>
      <label class="check" title="Boot the guest even where a saved state exists">
        <input type="checkbox" checked={isCold} onChange={(event) => changeForm({ isCold: event.currentTarget.checked })} /> boot anew
      </label>
      <label class="check" title="The guest stays after the verdict, with a shell on its console">
        <input type="checkbox" checked={keepsGuest} onChange={(event) => changeForm({ keepsGuest: event.currentTarget.checked })} /> keep the guest
      </label>
      <button disabled={isAsIs()} onClick={takeBack}>
        Defaults
      </button>
    </div>
  );
}
