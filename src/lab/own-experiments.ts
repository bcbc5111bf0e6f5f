import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ExperimentCheck, ExperimentText, OwnExperiment } from "../api/lab.ts";
import { x86_64 } from "../model/geometry.ts";
import { parseWorkload, WorkloadError } from "../workload/parse.ts";
import { opText } from "../workload/text.ts";
import { LabError } from "./errors.ts";
import { listExperiments, openExperiment } from "./experiments.ts";
import { ownExperimentsDir } from "./paths.ts";
import { replaceFile } from "./safe-file.ts";

/** Experiments that a person has written and saved, beside the shipped ones: one file each, called what it is. */

const safeName = /^[a-z0-9][a-z0-9-]{0,63}$/;
const textCharsMax = 256 * 1024;

const pathOf = (name: string): string => join(ownExperimentsDir(), `${name}.toml`);

async function ownNames(): Promise<string[]> {
  const files = await readdir(ownExperimentsDir()).catch(() => []);
  return files.filter((file) => file.endsWith(".toml")).map((file) => basename(file, ".toml")).filter((name) => safeName.test(name)).sort();
}

/** One that has a mistake in it is listed with it. */
export async function listOwnExperiments(): Promise<readonly OwnExperiment[]> {
  return Promise.all(
    (await ownNames()).map(async (name) => {
      const found = checkExperiment(await readFile(pathOf(name), "utf8").catch(() => ""));
      return found.ok ? { name, title: found.title, problem: "" } : { name, title: "", problem: describe(found) };
    }),
  );
}

const describe = ({ line, field, problem }: Extract<ExperimentCheck, { ok: false }>): string =>
  `${line > 0 ? `line ${line}: ` : ""}${field === "" ? "" : `${field}: `}${problem}`;

/** The text of a shipped experiment or of one of the person's own. */
export async function readExperiment(name: string): Promise<ExperimentText> {
  const isOwn = (await ownNames()).includes(name);
  if (!isOwn && !isShipped(name)) throw noSuch(name);
  return { name, isOwn, text: openExperiment(isOwn ? pathOf(name) : name).text };
}

const isShipped = (name: string): boolean => listExperiments().some((shipped) => shipped.name === name);
const noSuch = (name: string): LabError => new LabError("usage", { what: `there is no experiment "${name}"`, next: "npm start -- list shows what there is." });

/** Whether a text is a workload, and what it would do; otherwise the first mistake in it, with its place. */
export function checkExperiment(text: string): ExperimentCheck {
  try {
    const { workload, parameters, about } = parseWorkload(text, { own: {} }, { file: "", ...x86_64 });
    return { ok: true, name: workload.name, title: workload.title, about, parameters, steps: workload.ops.map(opText) };
  } catch (error) {
    if (!(error instanceof WorkloadError)) throw error;
    return { ok: false, line: error.line, field: error.field, problem: error.problem };
  }
}

/**
 * Saves an experiment, with its mistakes if it has some: it may not be done yet. Gives its path.
 *
 * @throws LabError `usage` for a name that is not one or is taken
 */
export async function saveExperiment(name: string, text: string, mayReplace: boolean): Promise<string> {
  if (!safeName.test(name)) throw new LabError("usage", { what: `"${name}" cannot be the name of an experiment`, where: "name", next: "Use small letters, digits and hyphens, at most 64." });
  if (isShipped(name)) throw new LabError("usage", { what: `"${name}" comes with Swaplab and stays as it is`, where: "name", next: "Save it under another name." });
  if (text.length > textCharsMax) throw new LabError("usage", { what: `it is longer than ${textCharsMax / 1024} KiB`, where: name });
  if (!mayReplace && (await ownNames()).includes(name)) throw new LabError("usage", { what: `there is an experiment "${name}" already`, where: "name", next: "Replace it, or save it under another name." });
  await replaceFile(pathOf(name), text);
  return pathOf(name);
}

/** Gives the text, so that it can be saved again. */
export async function removeExperiment(name: string): Promise<string> {
  if (!(await ownNames()).includes(name)) throw noSuch(name);
  const text = await readFile(pathOf(name), "utf8");
  await rm(pathOf(name));
  return text;
}
