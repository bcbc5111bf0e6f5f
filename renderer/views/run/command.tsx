import type { JSX } from "preact";
import { runArguments } from "../../../src/api/request.ts";
import { commandLine } from "../../../src/report/command.ts";
import { toJson } from "../../../src/report/json.ts";
import { resultKtap } from "../../../src/report/ktap.ts";
import { resultMail } from "../../../src/report/mail.ts";
import type { Result } from "../../../src/report/result.ts";
import { CopyButton } from "../../parts/copy.tsx";
import { saveFile } from "../../parts/save.ts";
import { currentRequest, repeatRun } from "../../state/form.ts";
import { result } from "../../state/shown.ts";

/** The run as a command that repeats it, and as text for others. */
export function CommandTab(): JSX.Element {
  const outcome = result.value;
  const command = commandLine(outcome?.command ?? runArguments(currentRequest()));
  return (
    <div class="tab-text">
      <div class="tab-tools">
        <code>{command}</code>
        <CopyButton text={() => command} />
        {outcome === null ? null : <button onClick={() => repeatRun(outcome.command)}>Into the form</button>}
      </div>
      {outcome === null ? <p class="quiet">This is what the form asks for. After a run its report is here.</p> : <Report outcome={outcome} />}
    </div>
  );
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;

function Report({ outcome }: { readonly outcome: Result }): JSX.Element {
  const mail = lines(resultMail(outcome, false));
  return (
    <>
      <div class="tab-tools">
        <CopyButton text={() => mail} label="Copy for a mail" />
        <button onClick={() => saveFile(`${outcome.run}.txt`, mail)}>Save text</button>
        <button onClick={() => saveFile(`${outcome.run}.ktap`, lines(resultKtap(outcome)))}>Save KTAP</button>
        <button onClick={() => saveFile(`${outcome.run}.json`, toJson(outcome), "application/json")}>Save JSON</button>
        <span class="quiet">Plain text, 72 columns.</span>
      </div>
      <pre>{mail}</pre>
    </>
  );
}
