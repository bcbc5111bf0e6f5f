import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConsoleRequest, LabTask, Terminal } from "../api/lab.ts";
import { deviceNames, type DeviceName } from "../workload/ops.ts";
import { shellPayload } from "../protocol/requests.ts";
import { LabError } from "./errors.ts";
import { planGuest, startGuest } from "./guest-plan.ts";
import type { PreparedGuest } from "./start.ts";

/** Starts a shell in the guest and joins it to a person's terminal until either side ends. */
export async function attachConsole(guest: PreparedGuest, terminal: Terminal): Promise<void> {
  const { machine, session } = guest;
  const show = (chunk: Uint8Array): void => terminal.write(chunk);
  machine.console.on("data", show);
  try {
    await session.request(shellPayload());
    await Promise.race([machine.exit, feed(terminal, guest)]);
  } finally {
    machine.console.off("data", show);
  }
}

async function feed(terminal: Terminal, { machine }: PreparedGuest): Promise<void> {
  for await (const bytes of terminal.input) {
    if (machine.console.destroyed) return;
    machine.console.write(bytes);
  }
}

/** A guest without a workload, for a person to look around in. */
export async function openConsole(request: ConsoleRequest, task: LabTask & { readonly terminal: Terminal }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "swaplab-console-"));
  let guest: PreparedGuest | null = null;
  try {
    const plan = await planGuest({ ...request, devices: [deviceOf(request)], cpuCount: 1 }, task);
    guest = await startGuest(plan, { scratchPath: folder, pathOf: (file) => join(folder, file) }, request.cold, task);
    await attachConsole(guest, task.terminal);
  } finally {
    if (guest !== null) {
      guest.session.close();
      await guest.machine.stop(task.progress);
      await guest.log.close();
    }
    await rm(folder, { recursive: true, force: true });
  }
}

function deviceOf({ device = "nvme" }: ConsoleRequest): DeviceName {
  const found = deviceNames.find((name) => name === device);
  if (found === undefined) throw new LabError("usage", { what: `there is no device "${device}"`, next: `There are ${deviceNames.join(", ")}.` });
  return found;
}
