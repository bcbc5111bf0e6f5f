import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { Calls } from "./calls.tsx";
import { CommandTab } from "./command.tsx";
import { ConsoleTab } from "./console.tsx";
import { Plots } from "./plots.tsx";
import { Trace } from "./trace.tsx";
import "./tabs.css";

export const tabNames = ["console", "plots", "calls", "trace", "command"] as const;
export type TabName = (typeof tabNames)[number];

const tab = signal<TabName>("plots");
/** Folded away they leave the room to the maps. */
export const isFolded = signal(false);

export function showTab(name: TabName): void {
  isFolded.value = false;
  tab.value = name;
}

export const tabTitles: Readonly<Record<TabName, string>> = { console: "Console", plots: "Plots", calls: "Calls", trace: "Trace", command: "Command" };
const contents: Readonly<Record<TabName, ComponentType>> = { console: ConsoleTab, plots: Plots, calls: Calls, trace: Trace, command: CommandTab };

/** What belongs to the run beside its maps and checks. */
export function Tabs(): JSX.Element {
  const Content = contents[tab.value];
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    showTab(tabNames[(tabNames.indexOf(tab.value) + by + tabNames.length) % tabNames.length]!);
    const list = event.currentTarget as HTMLElement;
    queueMicrotask(() => list.querySelector<HTMLElement>("[aria-selected='true']")?.focus());
  };
  return (
    <section class={isFolded.value ? "tabs folded" : "tabs"} aria-label="More of the run" data-pane="tabs">
      <div class="tab-bar">
        <div role="tablist" aria-label="More of the run" onKeyDown={onKeyDown}>
          {tabNames.map((name) => (
            <button key={name} class="plain" role="tab" id={`tab-${name}`} aria-selected={tab.value === name} aria-controls={isFolded.value ? undefined : "tab-panel"} tabIndex={tab.value === name ? 0 : -1} onClick={() => showTab(name)}>
              {tabTitles[name]}
            </button>
          ))}
        </div>
        <button class="plain fold" aria-expanded={!isFolded.value} title="Fold away or open  B" aria-label="Fold away or open" onClick={() => (isFolded.value = !isFolded.value)}>
          {isFolded.value ? "▴" : "▾"}
        </button>
      </div>
      {isFolded.value ? null : (
        <div class="tab-panel" role="tabpanel" id="tab-panel" tabIndex={0} aria-labelledby={`tab-${tab.value}`}>
          <Content />
        </div>
      )}
    </section>
  );
}
