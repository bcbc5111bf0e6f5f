import type { Command } from "commander";
import type { ConsoleRequest } from "../api/lab.ts";
import { addGuestOptions } from "./arguments.ts";
import { attachTerminal } from "./attach.ts";
import { exitCodes, type Context } from "./context.ts";
import { makeProgress } from "./progress.ts";

interface ConsoleOptions {
  kernel: string;
  device?: string;
  memory: number;
  accel?: "tcg" | "kvm";
  cold?: true;
}

const examples = `
Ctrl-] leaves, and the guest ends. Commands can be piped in; the guest then
ends when its shell has run them.

Examples:
  npm start -- console --kernel 6.12 --device nvme
  echo 'cat /proc/swaps' | npm start -- console
`;

/** `console`: a guest of one's own, with this terminal as its console. */
export function addConsoleCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  const command = program
    .command("console")
    .summary("start a guest and give this terminal its console")
    .description("Boots or restores a guest with the device of your choice and gives this terminal its console.");
  addGuestOptions(command)
    .addHelpText("after", examples)
    .action(async (options: ConsoleOptions) => {
      await openConsole(context, toRequest(options));
      exitWith(exitCodes.pass);
    });
}

function toRequest({ kernel, device, memory, accel, cold }: ConsoleOptions): ConsoleRequest {
  return {
    kernel,
    memoryMb: memory,
    cold: cold === true,
    ...(device !== undefined && { device }),
    ...(accel !== undefined && { accelerator: accel }),
  };
}

async function openConsole(context: Context, request: ConsoleRequest): Promise<void> {
  const progress = makeProgress(context);
  try {
    await attachTerminal(context, progress.clear, async (terminal) =>
      context.lab.console(request, { signal: context.signal, progress: progress.report, terminal }),
    );
  } finally {
    progress.clear();
  }
}
