import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { completionsAt } from "./complete.ts";
import "./code-field.css";

interface CodeFieldProps {
  readonly text: string;
  /** Its line counts from 1. */
  readonly mistake: { readonly line: number; readonly words: string } | null;
  readonly onChange: (text: string) => void;
}

/** Text of a workload file, with its mistake where it stands. Tab leaves it, as it leaves any other field. */
export function CodeField({ text, mistake, onChange }: CodeFieldProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  useLayoutEffect(() => {
    const made = new EditorView({ parent: place.current!, state: EditorState.create({ doc: text, extensions: extensions((next) => changed.current(next)) }) });
    view.current = made;
    made.focus();
    return () => made.destroy();
  }, []);
  // Before anything else can be typed: a later effect would take back what was typed since, and call that a change too.
  useLayoutEffect(() => {
    if (view.current !== null && view.current.state.doc.toString() !== text) view.current.dispatch({ changes: difference(view.current.state.doc.toString(), text) });
  }, [text]);
  useLayoutEffect(() => {
    if (view.current !== null) view.current.dispatch(setDiagnostics(view.current.state, diagnostics(view.current.state, mistake)));
  }, [mistake?.line, mistake?.words]);
  return <div class="code-field" ref={place} />;
}

const extensions = (onChange: (text: string) => void) => [
  lineNumbers(),
  lintGutter(),
  history(),
  drawSelection(),
  highlightActiveLine(),
  bracketMatching(),
  closeBrackets(),
  StreamLanguage.define(toml),
  syntaxHighlighting(classHighlighter),
  autocompletion({ override: [complete], icons: false }),
  keymap.of([{ key: "Tab", run: acceptCompletion }, ...closeBracketsKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
  EditorView.contentAttributes.of({ "aria-label": "Workload file" }),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) onChange(update.state.doc.toString());
  }),
];

function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const found = completionsAt(state.doc.toString(), pos);
  if (found === null || found.options.length === 0 || (found.from === pos && !explicit)) return null;
  return {
    from: found.from,
    options: found.options.map((label) => ({
      label,
      // The closing quotation mark is there already where the opening one was typed.
      apply: (view, _, from, to) => {
        const end = label.endsWith('"') && view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to;
        view.dispatch({ changes: { from, to: end, insert: label }, selection: { anchor: from + label.length }, userEvent: "input.complete" });
      },
    })),
    validFor: /^["\w.$[-]*$/,
  };
}

function diagnostics({ doc }: EditorState, mistake: CodeFieldProps["mistake"]): Diagnostic[] {
  if (mistake === null) return [];
  const line = doc.line(Math.max(1, Math.min(doc.lines, mistake.line)));
  return [{ from: line.from + (line.text.length - line.text.trimStart().length), to: line.to, severity: "error", message: mistake.words }];
}

/** Only what is different is replaced, so that the cursor stays where it is. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}
