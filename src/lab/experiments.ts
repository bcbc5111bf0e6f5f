import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import type { ExperimentSummary } from "../api/lab.ts";
import { nearNames } from "../api/near.ts";
import { x86_64 } from "../model/geometry.ts";
import { type Overrides, type ParsedWorkload, parseWorkload, WorkloadError } from "../workload/parse.ts";
import { LabError } from "./errors.ts";
import { ownExperimentsDir } from "./paths.ts";
import { vmImagesDir } from "./project.ts";

const folder = (): string => join(vmImagesDir(), "experiments");
/** Files longer than this are no workloads, bytes. */
const fileBytesMax = 1024 * 1024;

/** The text of an experiment and where it came from. */
export interface ExperimentSource {
  readonly text: string;
  /** For messages: the path as a person gave it, or the name of the shipped file. */
  readonly file: string;
}

export function listExperiments(): ExperimentSummary[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith(".toml"))
    .sort()
    .map((file) => {
      const source = { text: readFileSync(join(folder(), file), "utf8"), file };
      const { workload } = parseExperiment(source, { own: {} });
      return { name: workload.name, title: workload.title };
    });
}

/** Finds an experiment by its name, a shipped one or else one of the person's own, or reads the file at a path. Throws `invalid` LabErrors. */
export function openExperiment(nameOrPath: string): ExperimentSource {
  const isPath = nameOrPath.includes("/") || /\.(toml|json)$/.test(nameOrPath);
  if (isPath) return { text: readWorkloadFile(nameOrPath), file: nameOrPath };
  const file = `${nameOrPath}.toml`;
  const names = readdirSync(folder()).map((name) => basename(name, ".toml"));
  if (names.includes(nameOrPath)) return { text: readFileSync(join(folder(), file), "utf8"), file };
  const own = join(ownExperimentsDir(), file);
  if (/^[\w-]+$/.test(nameOrPath) && existsSync(own)) return { text: readWorkloadFile(own), file: own };
  const near = nearNames(nameOrPath, names);
  const next = near.length === 0 ? "npm start -- list shows what there is; a path to a .toml file works too." : `Did you mean ${near.join(" or ")}?`;
  throw new LabError("invalid", { what: `there is no experiment "${nameOrPath}"`, next });
}

function readWorkloadFile(path: string): string {
  const expanded = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  try {
    const stat = statSync(expanded);
    if (!stat.isFile()) throw new LabError("invalid", { what: "it is not a file", where: path });
    if (stat.size > fileBytesMax) throw new LabError("invalid", { what: `it is longer than ${fileBytesMax} bytes, too long for a workload`, where: path });
    return readFileSync(expanded, "utf8");
  } catch (error) {
    if (error instanceof LabError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "there is no such file" : `it cannot be read: ${message}`;
    throw new LabError("invalid", { what, where: path, next: "Give the name of an experiment (npm start -- list) or the path of a workload file." }, { cause: error });
  }
}

/** Parses with the geometry of x86-64 guests. A WorkloadError becomes an `invalid` LabError. */
export function parseExperiment(source: ExperimentSource, overrides: Overrides): ParsedWorkload {
  try {
    return parseWorkload(source.text, overrides, { file: source.file, ...x86_64 });
  } catch (error) {
    if (error instanceof WorkloadError) throw new LabError("invalid", { what: error.message }, { cause: error });
    throw error;
  }
}
