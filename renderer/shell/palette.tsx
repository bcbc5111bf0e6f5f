import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Sheet } from "../parts/sheet.tsx";
import { commands } from "./app-commands.ts";
import { openSheet } from "./dialogs.ts";
import { Keys } from "./help.tsx";
import { bestMatches, type Match } from "./match.ts";
import "./palette.css";

/** Something that the palette finds: a command, or what a view has added. */
export interface PaletteItem {
  readonly id: string;
  /** `command`, `experiment`, `kernel`, `run`. */
  readonly kind: string;
  readonly name: string;
  readonly detail: string;
  readonly key: string | undefined;
  readonly choose: () => void;
}

const sources: (() => readonly PaletteItem[])[] = [commandItems];

/** Has the palette ask `source` each time it opens. */
export function addPaletteSource(source: () => readonly PaletteItem[]): void {
  sources.push(source);
}

function commandItems(): PaletteItem[] {
  const possible = commands.all().filter(({ id, isEnabled }) => id !== "window.palette" && (isEnabled?.() ?? true));
  return possible.map(({ id, name, group, keys, run }) => ({ id, kind: "command", name, detail: group, key: keys[0], choose: run }));
}

const shownMax = 40;

export function Palette(): JSX.Element {
  const letters = useSignal("");
  const chosen = useSignal(0);
  const list = useRef<HTMLUListElement>(null);
  const found = bestMatches(letters.value, sources.flatMap((source) => source()), ({ name }) => name, shownMax);
  const index = Math.min(chosen.value, found.length - 1);
  useEffect(() => list.current?.children[index]?.scrollIntoView({ block: "nearest" }), [index]);

  const close = (): void => void (openSheet.value = "none");
  const choose = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    close();
    item.choose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by !== undefined) {
      chosen.value = Math.max(0, Math.min(found.length - 1, index + by));
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(found[index]?.item);
    }
  };
  return (
    <Sheet label="Find" onClose={close} class="palette-sheet">
      <div class="palette">
        <input
          type="text"
          role="combobox"
          aria-label="Find experiments, kernels, runs and commands"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[index] === undefined ? undefined : `palette-${index}`}
          placeholder="A few letters of an experiment, a kernel, a run or a command"
          value={letters.value}
          onInput={(event) => {
            letters.value = event.currentTarget.value;
            chosen.value = 0;
          }}
          onKeyDown={onKeyDown}
        />
        <ul id="palette-list" role="listbox" aria-label="Found" ref={list}>
          {found.map(({ item, match }, row) => (
            <li key={item.id} id={`palette-${row}`} role="option" aria-selected={row === index} onClick={() => choose(item)}>
              <span class="palette-kind">{item.kind}</span>
              <span class="cut">
                <Marked name={item.name} match={match} />
                <span class="palette-detail">{item.detail}</span>
              </span>
              {item.key === undefined ? <span /> : <Keys text={item.key} />}
            </li>
          ))}
        </ul>
        {found.length === 0 ? <p class="palette-none">Nothing has these letters in this order.</p> : null}
      </div>
    </Sheet>
  );
}

function Marked({ name, match }: { readonly name: string; readonly match: Match }): JSX.Element {
  const places = new Set(match.places);
  return <span>{[...name].map((letter, place) => (places.has(place) ? <b key={place}>{letter}</b> : letter))}</span>;
}
