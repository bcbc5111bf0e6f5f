import { InvalidArgumentError, Option, type Command } from "commander";
import type { RunRequest } from "../api/lab.ts";
import { defaultKernel, defaultMemoryMb } from "../api/request.ts";
import { cpuCountMax, deviceNames } from "../workload/ops.ts";
import { sanitize } from "../report/text.ts";

/** Options that several commands share, and what their values may be. */

const leastMemoryMb = 64;
const mostMemoryMb = 1024 * 1024;

/** `1024`, `1024M` or `2G`, in MiB. */
function parseMemoryMb(text: string): number {
  const match = /^(\d{1,7})([MG]?)(?:i?B)?$/i.exec(text);
  const mb = match === null ? 0 : Number(match[1]) * (match[2]?.toUpperCase() === "G" ? 1024 : 1);
  if (mb < leastMemoryMb || mb > mostMemoryMb) {
    throw new InvalidArgumentError(`Give it in MiB or with a unit, 64M to 1024G: 1024M, 2G.`);
  }
  return mb;
}

function parseCpuCount(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > cpuCountMax) throw new InvalidArgumentError(`Give a number from 1 to ${cpuCountMax}.`);
  return count;
}

/** Adds one `name=value` to those given before it. */
function collectSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text);
  const [, name = "", value = ""] = match ?? [];
  if (name === "" || value === "") throw new InvalidArgumentError("Give it as name=value.");
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
  return { ...before, [name]: value };
}

/** What `addMachineOptions` adds, as commander hands it over. */
export interface MachineOptions {
  memory: number;
  accel?: "tcg" | "kvm";
  cold?: true;
}

/** What `addParameterOptions`, `addMachineOptions` and an option for the device add. */
export interface ExperimentOptions extends MachineOptions {
  device?: string;
  folio?: string;
  size?: string;
  swapSize?: string;
  cpus?: number;
  set?: Record<string, string>;
}

/** The parameters that an experiment may have. */
export function addParameterOptions(command: Command): Command {
  return command
    .option("--folio <size>", "size of the folios: 4kB, 64kB, 2048kB")
    .option("--size <size>", "memory that the workload maps: 16M")
    .option("--swap-size <size>", "length of the swap area: 256M")
    .addOption(new Option("--cpus <count>", `CPUs of the guest, 1 to ${cpuCountMax}`).argParser(parseCpuCount))
    .option("--set <name=value>", "any other parameter of the experiment; may be repeated", collectSetting);
}

/** As a request has them: what was not given is not there. */
export function experimentFields({ device, folio, size, swapSize, cpus, set = {}, memory, accel }: ExperimentOptions): Pick<RunRequest, "device" | "folio" | "size" | "swapSize" | "cpus" | "set" | "memoryMb" | "accelerator"> {
  return {
    set,
    memoryMb: memory,
    ...(device !== undefined && { device }),
    ...(folio !== undefined && { folio }),
    ...(size !== undefined && { size }),
    ...(swapSize !== undefined && { swapSize }),
    ...(cpus !== undefined && { cpus }),
    ...(accel !== undefined && { accelerator: accel }),
  };
}

export function addGuestOptions(command: Command): Command {
  command
    .option("-r, --kernel <kernel>", "a series (see `kernels`), or the path of a build tree, a bzImage or a vmlinux", defaultKernel)
    .addOption(new Option("--device <device>", "what to swap to").choices(deviceNames));
  return addMachineOptions(command);
}

/** How a guest is run, whatever its kernel is and does. */
export function addMachineOptions(command: Command): Command {
  return command
    .addOption(new Option("-m, --memory <size>", "memory of the guest").argParser(parseMemoryMb).default(defaultMemoryMb, `${defaultMemoryMb}M`))
    .addOption(new Option("--accel <accelerator>", "how QEMU runs the guest; found out by trying when not given").choices(["tcg", "kvm"]))
    .option("--cold", "boot the guest even where a saved state of it exists");
}

/** The forms in which a result can be printed; at most one at a time. */
export function addFormatOptions(command: Command): Command {
  return command
    .option("--all", "every check, not only those that differ or tell most")
    .addOption(new Option("--json", "one JSON document, schema swaplab.result/1").conflicts(["ktap", "mail"]))
    .addOption(new Option("--ktap", "Kernel Test Anything Protocol, version 1").conflicts(["json", "mail"]))
    .addOption(new Option("--mail", "plain text of 72 columns for a mailing list").conflicts(["json", "ktap"]));
}

/** What every command that judges a run says of its exit code. */
export const exitCodeHelp = `
Exit codes:
  0    pass      the kernel did what the model said
  1    fail      it did something else; the first divergence is named
  3    lost      the guest died or went silent
  125  invalid   nothing was judged: kernel or machine cannot run it, or the
                 command or workload makes no sense (git bisect: skip)
`;

/** Text that commander puts into an error message, without anything a terminal acts upon. */
export const cleanMessage = (text: string): string => text.split("\n").map(sanitize).join("\n");
