import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { LabError } from "../lab/errors.ts";
import { sanitize } from "../report/text.ts";
import { exitCodes, type Context } from "./context.ts";

const examples = `
The other formats of a run are those of \`show\`: --json, --ktap, --mail.

Examples:
  npm start -- runs rename 2026-11-23-1 before the patch
  npm start -- runs remove 2026-11-23-1
  npm start -- runs restore 2026-11-23-1
  npm start -- runs export 2026-11-23-1
  npm start -- runs import swaplab-2026-11-23-1.tar.gz
`;

/** `runs`: what one does with runs that are over. */
export function addRunsCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("runs")
    .summary("rename, remove, restore, export or import a run")
    .description("Renames, removes, restores, exports or imports a run. `list --runs` lists them, `show` shows one.")
    .addHelpText("after", examples);
  const add = (form: string, description: string, work: (run: string, rest: string[], options: { output?: string }) => Promise<string>): Command =>
    command
      .command(form)
      .description(description)
      .action(async (run: string, ...rest: unknown[]) => {
        const words = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
        const options = rest.find((part) => !Array.isArray(part)) as { output?: string };
        context.stdout.write(`${sanitize(await work(run, words, options))}\n`);
        exitWith(exitCodes.pass);
      });
  const { lab } = context;
  add("rename <run> [label...]", "Calls a run something beside its name. Without a label it has only its name again.", async (run, words) => {
    const label = await lab.renameRun(run, words.join(" "));
    return label === "" ? `${run} has only its name` : `${run} is now called: ${label}`;
  });
  add("remove <run>", "Throws a run away. It can be had back for a month.", async (run) => {
    await lab.removeRun(run);
    return `${run} is thrown away; npm start -- runs restore ${run} brings it back`;
  });
  add("restore <run>", "Brings back a run that was thrown away.", async (run) => {
    await lab.restoreRun(run);
    return `${run} is back`;
  });
  add("import <path>", "Takes in a run that somebody else made: a .tar.gz or a folder. Nothing in it is believed or run.", async (path) => {
    const { name } = await lab.importRun(path);
    return `it is run ${name}; open: npm start -- show ${name}`;
  });
  add("export <run>", "Writes the whole run into one .tar.gz.", async (run, _, { output }) => {
    const { bytes, fileName } = await lab.exportRun(run, "archive");
    const path = output ?? fileName;
    await writeNew(path, bytes);
    return `written: ${path}`;
  }).option("-o, --output <file>", "the file to write, in place of one named after the run");
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LabError("usage", { what: code === "EEXIST" ? "there is such a file already" : message, where: path, next: "Give another --output." }, { cause: error });
  }
}
