import type { RunRequest } from "../../src/api/lab.ts";

/** A run as a form has it: text, empty where the experiment's own choice stands. */
export interface Form {
  readonly experiment: string;
  readonly kernel: string;
  readonly device: string;
  readonly folio: string;
  readonly size: string;
  readonly swapSize: string;
  readonly cpus: string;
  readonly model: string;
  readonly memoryMb: string;
  readonly accelerator: "" | "tcg" | "kvm";
  /** Other parameters of the experiment: `rounds=4 note=x`. */
  readonly set: string;
  readonly isUnprobed: boolean;
  readonly isCold: boolean;
  readonly keepsGuest: boolean;
}

export function requestOf(form: Form): RunRequest {
  const { experiment, kernel, device, folio, size, swapSize, cpus, model, memoryMb, accelerator, isCold, isUnprobed } = form;
  const text = { device, folio, size, swapSize, model };
  const given = Object.fromEntries(Object.entries(text).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value !== ""));
  return {
    experiment,
    kernel: kernel.trim(),
    ...given,
    ...(cpus !== "" && { cpus: Number(cpus) }),
    ...(accelerator !== "" && { accelerator }),
    ...(isUnprobed && { unprobed: true }),
    memoryMb: Number(memoryMb),
    cold: isCold,
    set: Object.fromEntries(form.set.split(/\s+/).flatMap((word) => (/^[^=]+=./.test(word) ? [[word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]] : []))),
  };
}

/** The form that asks for a run again, from the arguments of the command line that repeat it. */
export function formOfArguments(words: readonly string[], fresh: Form): Form {
  const [, experiment = fresh.experiment, ...options] = words;
  const fields: Record<string, string> = {};
  const set: string[] = [];
  let isUnprobed = false;
  for (let place = 0; place < options.length; place++) {
    const name = fieldOfOption[options[place]!];
    if (options[place] === "--no-probes") isUnprobed = true;
    else if (options[place] === "--set") set.push(options[++place] ?? "");
    else if (name !== undefined) fields[name] = options[++place] ?? "";
  }
  const memoryMb = fields["memoryMb"]?.replaceAll(/\D/g, "") ?? fresh.memoryMb;
  return checkedForm(JSON.stringify({ ...fresh, ...fields, memoryMb, experiment, set: set.join(" "), isUnprobed }), fresh);
}

const fieldOfOption: Readonly<Record<string, keyof Form>> = {
  "--kernel": "kernel",
  "--device": "device",
  "--folio": "folio",
  "--size": "size",
  "--swap-size": "swapSize",
  "--cpus": "cpus",
  "--model": "model",
  "--memory": "memoryMb",
  "--accel": "accelerator",
};

/** A form that was kept, field by field where it is of the right kind: it may be of an older page, or anybody's. */
export function checkedForm(kept: string | null, fresh: Form): Form {
  let value: unknown;
  try {
    value = JSON.parse(kept ?? "");
  } catch {
    return fresh;
  }
  if (typeof value !== "object" || value === null) return fresh;
  const fields = Object.entries(fresh).map(([name, otherwise]) => {
    const found: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    const fits = typeof found === typeof otherwise && (typeof found !== "string" || found.length < 300);
    return [name, fits && (name !== "accelerator" || ["", "tcg", "kvm"].includes(String(found))) ? found : otherwise];
  });
  return Object.fromEntries(fields) as unknown as Form;
}
