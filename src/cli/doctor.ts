import type { Command } from "commander";
import type { DoctorItem } from "../api/lab.ts";
import type { Paint } from "../report/look.ts";
import { columnLines, type Cell } from "./columns.ts";
import { exitCodes, type Context } from "./context.ts";
import { lookOf, printLines } from "./output.ts";
import { makeProgress } from "./progress.ts";

const paintOf: Readonly<Record<DoctorItem["status"], keyof Paint>> = { ok: "good", warning: "bounded", missing: "bad" };

const exitCodeHelp = `
Exit codes:
  0    nothing that a run needs is missing
  125  something is
`;

/** `doctor`: what this machine has of what a run needs, and what to do about the rest. */
export function addDoctorCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("doctor")
    .summary("say what this machine has and lacks")
    .description("Looks for everything a run needs, tries the accelerators, and says what to do about what is missing.")
    .addHelpText("after", exitCodeHelp)
    .action(async () => {
      const items = await examine(context);
      printLines(context.stdout, columnLines(items.flatMap(itemRows), lookOf(context.stdout, context)));
      exitWith(items.some(({ status }) => status === "missing") ? exitCodes.invalid : exitCodes.pass);
    });
}

async function examine(context: Context): Promise<readonly DoctorItem[]> {
  const progress = makeProgress(context);
  try {
    return await context.lab.doctor({ signal: context.signal, progress: progress.report });
  } finally {
    progress.clear();
  }
}

function itemRows({ name, status, detail, next }: DoctorItem): Cell[][] {
  const found: Cell[] = [{ text: status, paint: paintOf[status] }, { text: name, paint: "strong" }, { text: detail }];
  return next === "" ? [found] : [found, [{ text: "" }, { text: "" }, { text: next }]];
}
