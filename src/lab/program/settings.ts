import type { ProgramRequest } from "../../api/lab.ts";
import { x86_64 } from "../../model/geometry.ts";
import { shellQuote } from "../../report/command.ts";
import type { ParsedWorkload } from "../../workload/parse.ts";
import type { DeviceName } from "../../workload/ops.ts";
import { parseFolio } from "../../workload/size.ts";
import { LabError } from "../errors.ts";
import { parseExperiment } from "../experiments.ts";

/** More than an experiment's, because nobody knows what a program will take. */
const defaultSwapSize = "256M";
const titleMaxChars = 200;

export interface ProgramSettings {
  /** An area, CPUs, and no op that the model could follow. */
  readonly parsed: ParsedWorkload;
  /** Order of the folios that every fault may have; 0 for none but base pages. */
  readonly folioOrder: number;
}

/**
 * What a request asks of the guest, in the form that every run has.
 *
 * @throws LabError `invalid` naming what makes no sense
 */
export function programSettings(request: ProgramRequest): ProgramSettings {
  const { device, swapSize = defaultSwapSize, cpus, folio, program, args, timeoutMs } = request;
  const file = { name: "program", title: "", op: [{ op: "note", text: "the program" }] };
  const { workload, parameters } = parseExperiment(
    { text: JSON.stringify(file), file: "the program's guest" },
    { own: {}, swapSize, ...(device !== undefined && { device }), ...(cpus !== undefined && { cpus }) },
  );
  const folioOrder = folio === undefined ? 0 : parseFolio(folio, x86_64.pageSizeBytes, x86_64.pmdOrder);
  if (typeof folioOrder === "string") throw new LabError("invalid", { what: folioOrder, where: "--folio" });
  const shown: Record<string, string> = { "swap-size": swapSize, timeout: `${timeoutMs / 1000}s` };
  for (const name of ["device", "cpus"]) if (parameters[name] !== undefined) shown[name] = parameters[name];
  if (folio !== undefined) shown["folio"] = folio;
  const name = program.slice(program.lastIndexOf("/") + 1);
  return { parsed: { workload: { ...workload, name, title: [program, ...args].map(shellQuote).join(" ").slice(0, titleMaxChars), ops: [] }, parameters: shown, about: "" }, folioOrder };
}

/** What the program's files come on: a disk that the guest has a driver for, if any of its swap devices is one. */
export function archiveDevice(device: DeviceName): DeviceName {
  if (device.startsWith("virtio")) return "virtio";
  return device.startsWith("scsi") ? "scsi-hdd" : "nvme";
}
