import { effect, signal } from "@preact/signals";
import type { RunRequest } from "../../src/api/lab.ts";
import { defaultExperiment, defaultKernel, defaultMemoryMb } from "../../src/api/request.ts";
import { readText, writeSetting } from "../shell/settings-store.ts";
import { checkedForm, type Form, formOfArguments, requestOf } from "./request-form.ts";

/** What the next run is made of; kept from one start of the window to the next. */
const fresh: Form = { experiment: defaultExperiment, kernel: defaultKernel, device: "", folio: "", size: "", swapSize: "", cpus: "", model: "", memoryMb: String(defaultMemoryMb), accelerator: "", set: "", isUnprobed: false, isCold: false, keepsGuest: false };

export const form = signal<Form>(checkedForm(readText("form"), fresh));

effect(() => writeSetting("form", JSON.stringify(form.value)));

export function changeForm(change: Partial<Form>): void {
  form.value = { ...form.value, ...change };
}

export const currentRequest = (): RunRequest => requestOf(form.value);

/** Whether all that an experiment may be given is left to it. */
export const isAsIs = (): boolean => ownNames.every((name) => form.value[name] === "");

export const takeBack = (): void => changeForm(Object.fromEntries(ownNames.map((name) => [name, ""])));

const ownNames = ["device", "folio", "size", "swapSize", "cpus", "model", "set"] as const;

/** The form for a run that is there already. */
export const repeatRun = (words: readonly string[]): void => void (form.value = formOfArguments(words, fresh));
