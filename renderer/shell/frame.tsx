import type { ComponentType, JSX } from "preact";
import { commands } from "./app-commands.ts";
import { openSheet } from "./dialogs.ts";
import { HelpSheet, Keys } from "./help.tsx";
import { Palette } from "./palette.tsx";
import { goTo, place, placeNames, places, type Place } from "./place.ts";
import { isDark } from "./theme.ts";
import "./frame.css";

interface FrameProps {
  /** What fills the window at each place. */
  readonly views: Readonly<Record<Place, ComponentType>>;
  /** What the right of the bar says of the lab. */
  readonly status: ComponentType;
}

export function Frame({ views, status: Status }: FrameProps): JSX.Element {
  const View = views[place.value];
  return (
    <div class="frame">
      <header class="bar">
        <span class="wordmark">Swaplab</span>
        <nav aria-label="Places">
          {places.map((name) => (
            <a key={name} href={`#${name}`} aria-current={place.value === name ? "page" : undefined} onClick={(event) => {
                event.preventDefault();
                goTo(name);
              }}
            >
              {placeNames[name]}
            </a>
          ))}
        </nav>
        <button class="find" onClick={() => commands.run("window.palette")}>
          <span>Find…</span>
          <Keys text="Mod+K" />
        </button>
        <Status />
        <button class="plain icon" aria-label={isDark.value ? "Light" : "Dark"} title={isDark.value ? "Light" : "Dark"} onClick={() => commands.run("window.theme")}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
            <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
          </svg>
        </button>
        <button class="plain icon" aria-label="Keys" title="Keys  ?" onClick={() => commands.run("window.help")}>
          ?
        </button>
      </header>
      <main>
        <View />
      </main>
      {openSheet.value === "palette" ? <Palette /> : null}
      {openSheet.value === "help" ? <HelpSheet /> : null}
    </div>
  );
}
