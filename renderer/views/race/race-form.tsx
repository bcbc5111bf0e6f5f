import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { processCountMax, type SwitchName } from "../../../src/races/switches.ts";
import { commandLine } from "../../../src/report/command.ts";
import type { RaceScenario } from "../../../src/report/race.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { Choice, TextField } from "../../parts/field.tsx";
import { raceArguments, type RaceForm, raceRequest } from "../../state/race-request.ts";

type Flag = Exclude<SwitchName, "caller" | "processes">;

const flags: Readonly<Record<Flag, readonly [label: string, says: string]>> = {
  fix: ["fix", "Callers hold a reference of the device: get_swap_device, put_swap_device"],
  rcu: ["RCU", "synchronize_rcu waits for page-table locks; left out of account without it"],
  shortcut: ["short-cut", "The counts of the slots are looked at before the folio is looked up"],
  swapoffReclaims: ["swapoff reclaims", "try_to_unuse gives cached folios back by itself"],
  earlyExit: ["early exit", "try_to_unuse ends as soon as no slot is in use; otherwise it goes through every page table first"],
  clusterLock: ["cluster lock", "The cluster's lock is held from the drop of the count to the end"],
  swapon: ["swapon after", "After swapoff another device gets the number of the area"],
};

const callers = [["anon", "anon, page-table lock"], ["shmem", "shmem, no lock"]] as const;
const processes = Array.from({ length: processCountMax }, (_, index) => [String(index + 1), String(index + 1)] as const);

interface RaceFormProps {
  readonly scenario: RaceScenario;
  readonly form: RaceForm;
  readonly isBusy: boolean;
  readonly onChange: (change: Partial<RaceForm>) => void;
  readonly onExplore: () => void;
  readonly onStop: () => void;
}

/** The switches of a race. */
export function RaceFormView({ scenario, form, isBusy, onChange, onExplore, onStop }: RaceFormProps): JSX.Element {
  const { switches, without } = form;
  const isMore = useSignal(false);
  const set = (change: Partial<typeof switches>): void => onChange({ switches: { ...switches, ...change } });
  const has = (name: SwitchName): boolean => scenario.switches.includes(name);
  return (
    <section class="race-form" aria-label="Race" data-pane="race">
      <div class="race-title">
        <h1>{scenario.name}</h1>
        <p class="quiet">{scenario.title}</p>
      </div>
      <div class="race-fields">
        {has("caller") ? <Choice label="Caller" width={190} value={switches.caller} choices={callers} onChange={(value) => set({ caller: value === "shmem" ? "shmem" : "anon" })} /> : null}
        {has("processes") ? <Choice label="Processes" width={76} value={String(switches.processes)} choices={processes} onChange={(value) => set({ processes: Number(value) })} /> : null}
        {scenario.orderings.length === 0 ? null : (
          <Choice
            label="Take an ordering away"
            width={184}
            value={without}
            choices={[["", "none"] as const, ...scenario.orderings.map(({ name }) => [name, name] as const)]}
            onChange={(value) => onChange({ without: scenario.orderings.find(({ name }) => name === value)?.name ?? "" })}
          />
        )}
        {(Object.keys(flags) as Flag[]).filter(has).map((name) => (
          <label key={name} class="race-flag" title={flags[name][1]}>
            <input type="checkbox" checked={switches[name]} onChange={(event) => set({ [name]: event.currentTarget.checked })} /> {flags[name][0]}
          </label>
        ))}
        <span class="race-buttons">
          <button class="plain" aria-expanded={isMore.value} onClick={() => (isMore.value = !isMore.value)}>
            More {isMore.value ? "▴" : "▾"}
          </button>
          {isBusy ? <button class="danger" onClick={onStop}>Stop</button> : <button onClick={onExplore}>Explore again</button>}
        </span>
      </div>
      {without === "" ? null : <p class="quiet">Taken away: {scenario.orderings.find(({ name }) => name === without)?.says}.</p>}
      {isMore.value ? <Limits scenario={scenario} form={form} onChange={onChange} /> : null}
    </section>
  );
}

const wholeNumber = (text: string, least: number, most: number): number => Math.max(least, Math.min(most, Number(text.replaceAll(/\D/g, ""))));
const statesMax = 100_000_000;
const secondsMax = 86_400;

function Limits({ scenario, form, onChange }: Pick<RaceFormProps, "scenario" | "form" | "onChange">): JSX.Element {
  const { stateLimit, seconds, walkCount, seed } = form;
  const command = commandLine(raceArguments(raceRequest(form, scenario.switches)));
  return (
    <div class="race-fields">
      <TextField label="States at most" width={96} value={String(stateLimit)} placeholder="" onChange={(value) => onChange({ stateLimit: wholeNumber(value, 1, statesMax) })} />
      <TextField label="Seconds at most" width={96} value={String(seconds)} placeholder="" onChange={(value) => onChange({ seconds: wholeNumber(value, 1, secondsMax) })} />
      <TextField label="Random walks after" width={112} value={String(walkCount)} placeholder="0" onChange={(value) => onChange({ walkCount: wholeNumber(value, 0, statesMax) })} />
      <TextField label="Seed" width={72} value={String(seed)} placeholder="1" onChange={(value) => onChange({ seed: wholeNumber(value, 0, 2 ** 32 - 1) })} />
      <span class="race-command">
        <code>{command}</code> <CopyButton text={() => command} />
      </span>
    </div>
  );
}
