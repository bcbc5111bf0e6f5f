import type { JSX } from "preact";
import { Sheet } from "../parts/sheet.tsx";
import { type Command, commandGroups } from "./commands.ts";
import { commands } from "./app-commands.ts";
import { openSheet } from "./dialogs.ts";
import { keyCaps } from "./keys.ts";
import { isMac } from "./shortcuts.ts";
import "./help.css";

export function HelpSheet(): JSX.Element {
  const close = (): void => void (openSheet.value = "none");
  const groups = commandGroups.map((group) => ({ group, entries: commands.all().filter((command) => command.group === group && command.keys.length > 0) }));
  return (
    <Sheet label="Keys" onClose={close}>
      <div class="help">
        <header>
          <h1>Keys</h1>
          <button class="plain" onClick={close}>
            Close
          </button>
        </header>
        <div class="help-groups">
          {groups.filter(({ entries }) => entries.length > 0).map(({ group, entries }) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>{entries.map((command) => <HelpRow key={command.id} command={command} />)}</dl>
            </section>
          ))}
        </div>
      </div>
    </Sheet>
  );
}

function HelpRow({ command }: { readonly command: Command }): JSX.Element {
  return (
    <div class="help-row">
      <dt>
        {command.keys.map((key, index) => (
          <span key={key}>
            {index > 0 ? <span class="quiet"> or </span> : null}
            <Keys text={key} />
          </span>
        ))}
      </dt>
      <dd>{command.name}</dd>
    </div>
  );
}

export function Keys({ text }: { readonly text: string }): JSX.Element {
  return (
    <span class="keys">
      {keyCaps(text, isMac).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
