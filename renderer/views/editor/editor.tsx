import type { JSX } from "preact";
import { TextField } from "../../parts/field.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { Failure } from "../../parts/states.tsx";
import { canRun, changeName, check, editorError, isNowhere, isUnsaved, leaveEditor, name, question, runDraft, save, text } from "../../state/editor.ts";
import { CodeField } from "./code-field.tsx";
import "./editor.css";

/** The file of an experiment, what is wrong with it, and what it would do. */
export function EditorView(): JSX.Element {
  const found = check.value;
  const mistake = found === null || found.ok ? null : { line: found.line, words: `${found.field === "" ? "" : `${found.field}: `}${found.problem}` };
  return (
    <section class="editor" aria-label="Experiment editor">
      <header>
        <h1>Edit</h1>
        <TextField label="Name" width={280} value={name.value} placeholder="its file says none" onChange={changeName} />
        <span class="editor-saved quiet" role="status">
          {isNowhere.value ? "Not saved yet" : isUnsaved.value ? "Changes not saved" : "Saved"}
        </span>
        <button title="Close the editor" onClick={() => leaveEditor(() => {})}>
          Close
        </button>
        <button title="Save the experiment  Ctrl S" onClick={() => save()}>
          Save
        </button>
        <button class="main" title="Save and run  Ctrl Enter" disabled={!canRun.value} onClick={() => void runDraft()}>
          Run
        </button>
      </header>
      {editorError.value === "" ? null : <Failure message={editorError.value} />}
      <div class="editor-text" data-pane="editor">
        <CodeField text={text.value} mistake={mistake} onChange={(next) => (text.value = next)} />
      </div>
      <section class="editor-steps" aria-label="What it does" tabIndex={0} data-pane="editor-steps">
        <h2>What it does</h2>
        {found?.ok === true ? (
          <ol>
            {found.steps.map((step, index) => (
              <li key={index}>
                <span class="number quiet">{index + 1}</span> <span>{step}</span>
              </li>
            ))}
          </ol>
        ) : (
          <p class="quiet">{found === null ? "" : "Its steps will be listed here once it has no mistake."}</p>
        )}
      </section>
      <p class={mistake === null ? "editor-words quiet" : "editor-words editor-mistake"} role="status">
        {found === null ? "" : found.ok ? `No mistake. ${found.title}` : `${found.line > 0 ? `Line ${found.line}: ` : ""}${mistake!.words}`}
      </p>
      <Question />
    </section>
  );
}

/** Before something is lost. */
function Question(): JSX.Element | null {
  const asked = question.value;
  if (asked === null) return null;
  const close = (): void => void (question.value = null);
  const answer = (act: () => void) => (): void => {
    close();
    act();
  };
  const isLeaving = asked.kind === "leave";
  return (
    <Sheet label={isLeaving ? "Leave the editor" : "Replace an experiment"} onClose={close}>
      <div class="editor-question">
        <p>{isLeaving ? `What you changed in ${name.value} is not saved.` : `You have an experiment ${name.value} already.`}</p>
        <div>
          <button onClick={close}>Cancel</button>
          <button class="danger" onClick={answer(asked.go)}>
            {isLeaving ? "Discard" : "Replace"}
          </button>
          {isLeaving ? (
            <button class="main" onClick={answer(() => save(asked.go))}>
              Save
            </button>
          ) : null}
        </div>
      </div>
    </Sheet>
  );
}
