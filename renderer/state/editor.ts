import { computed, effect, signal } from "@preact/signals";
import type { ReplyOf } from "../../src/api/contract.ts";
import { errorText, lab } from "./connection.ts";
import { freeName, freshExperiment, nameIn, withName } from "./experiment-text.ts";
import { changeForm } from "./form.ts";
import { experiments } from "./lists.ts";
import { isBusy } from "./run.ts";
import { startRun } from "./shown.ts";

/** The experiment that is being written. It stays while a person is at another place of the window. */
interface Draft {
  /** As it was opened or saved last. */
  readonly saved: string;
  /** The name it was opened or saved under; empty for one that is nowhere yet. */
  readonly savedName: string;
}

const draft = signal<Draft | null>(null);
export const text = signal("");
/** What went wrong with opening or saving. */
export const editorError = signal("");
/** A question that stands between a person and what they asked for. */
export const question = signal<{ readonly kind: "leave" | "replace"; readonly go: () => void } | null>(null);
/** What the lab says of the text, and of which text. */
const checked = signal<{ readonly text: string; readonly found: ReplyOf<"experiments.check"> } | null>(null);

export const isEditing = computed(() => draft.value !== null);
export const name = computed(() => nameIn(text.value));
export const isUnsaved = computed(() => draft.value !== null && draft.value.saved !== text.value);
export const isNowhere = computed(() => draft.value?.savedName === "");
export const check = computed(() => checked.value?.found ?? null);
/** While a newer text is being looked at, what was said of the one before stands. */
const isChecked = computed(() => checked.value?.text === text.value);
export const canRun = computed(() => isEditing.value && check.value?.ok === true && !isBusy.value);

const checkDelayMs = 250;

effect(() => {
  const wanted = text.value;
  if (draft.value === null) return;
  const timer = setTimeout(() => void checkText(wanted), checkDelayMs);
  return () => clearTimeout(timer);
});

async function checkText(wanted: string): Promise<void> {
  try {
    const found = await lab().call("experiments.check", { text: wanted });
    if (text.peek() === wanted) checked.value = { text: wanted, found };
  } catch (error) {
    editorError.value = errorText(error);
  }
}

const takenNames = (): string[] => (experiments.loaded.peek().value ?? []).map((experiment) => experiment.name);

function begin(next: string, savedName: string): void {
  draft.value = { saved: next, savedName };
  text.value = next;
  checked.value = null;
  editorError.value = "";
  void checkText(next);
}

/** A shipped experiment stays as it is: what is opened is a copy of it. */
export const editExperiment = (wanted: string): void =>
  leaveEditor(() => {
    void (async () => {
      try {
        const found = await lab().call("experiments.read", { name: wanted });
        if (found.isOwn) begin(found.text, wanted);
        else begin(withName(found.text, freeName(`${wanted}-copy`, takenNames())), "");
      } catch (error) {
        editorError.value = errorText(error);
      }
    })();
  });

export const newExperiment = (): void => leaveEditor(() => begin(withName(freshExperiment, freeName("new", takenNames())), ""));

export const changeName = (wanted: string): void => void (text.value = withName(text.value, wanted));

/** Closes the editor and does something else, once what is unsaved is saved or given up. */
export function leaveEditor(then: () => void): void {
  const leave = (): void => {
    draft.value = null;
    editorError.value = "";
    then();
  };
  if (isUnsaved.peek()) question.value = { kind: "leave", go: leave };
  else leave();
}

/** Saves with mistakes too: it may not be done yet. Asks before it replaces another one. */
export function save(then: () => void = () => {}): void {
  const wanted = name.peek();
  const mine = draft.peek()?.savedName === wanted;
  const other = experiments.loaded.peek().value?.find((experiment) => experiment.name === wanted);
  if (!mine && other?.isOwn === true) question.value = { kind: "replace", go: () => void saveAs(wanted, true, then) };
  else void saveAs(wanted, mine, then);
}

async function saveAs(wanted: string, mayReplace: boolean, then: () => void): Promise<void> {
  const saving = text.peek();
  editorError.value = "";
  try {
    await lab().call("experiments.save", { name: wanted, text: saving, mayReplace });
    draft.value = { saved: saving, savedName: wanted };
    then();
  } catch (error) {
    editorError.value = errorText(error);
  }
}

/** Saves and runs, in the lab's place. What has a mistake is not run. */
export async function runDraft(): Promise<void> {
  if (!isChecked.peek()) await checkText(text.peek());
  if (!isChecked.peek() || !canRun.peek()) return;
  save(() =>
    leaveEditor(() => {
      changeForm({ experiment: name.peek() });
      startRun();
    }),
  );
}

// A browser asks by itself. Only where it can: the desktop's window would stay open without a word.
addEventListener("beforeunload", (event) => {
  if (isUnsaved.peek() && !("swaplab" in window)) event.preventDefault();
});
