import type { DeviceName } from "../../workload/ops.ts";
import type { KernelImage } from "../kernels/image.ts";

export type Accelerator = "tcg" | "kvm";

/** The serial number by which the guest finds the swap disk, whatever letter it gets. */
export const diskSerial = "swaplab0";
export const qemuProgram = "qemu-system-x86_64";

/** A guest as a person thinks of it. Two machines with the same description have interchangeable saved states. */
export interface MachineDescription {
  readonly kernel: Pick<KernelImage, "bootPath" | "sha256">;
  readonly initramfsPath: string;
  readonly device: DeviceName;
  readonly memoryMb: number;
  readonly cpuCount: number;
  readonly accelerator: Accelerator;
  /** Words put behind our own on the kernel's command line. */
  readonly appendExtra: readonly string[];
}

/** The files and sockets of one run of a machine. */
export interface MachinePaths {
  /** A raw image; unused by devices without a disk. */
  readonly diskPath: string;
  /** Everything that comes out of the first serial port is added to this file. */
  readonly consoleLogPath: string;
  /** Unix sockets on which we listen: QEMU connects, so that no byte is lost and nothing has to be waited for. */
  readonly qmpSocketPath: string;
  readonly consoleSocketPath: string;
  readonly wireSocketPath: string;
  /** A saved state to start from in place of booting. */
  readonly statePath?: string | undefined;
}

/** Sizes of the scratch disk: sparse, so only what the guest writes takes room. */
export const diskSizeBytes = 1024 ** 3;

const blockNode = "disk0";

/** A device as QMP's `device_add` takes it. */
export type PluggedDevice = Readonly<Record<string, string | number>>;

const diskForms: Readonly<Record<DeviceName, PluggedDevice | null>> = {
  nvme: { driver: "nvme", bus: "port0" },
  "nvme-hdd": { driver: "nvme", bus: "port0" },
  virtio: { driver: "virtio-blk-pci", bus: "port0" },
  "virtio-ssd": { driver: "virtio-blk-pci", bus: "port0" },
  // A rotation rate of 1 is how a SCSI disk says that it does not rotate; without one the kernel takes it for a hard disk.
  "scsi-ssd": { driver: "scsi-hd", bus: "scsi0.0", rotation_rate: 1 },
  "scsi-hdd": { driver: "scsi-hd", bus: "scsi0.0" },
  brd: null,
  zram: null,
};

/**
 * The disk of a swap device; null for the devices that the guest's kernel makes itself.
 *
 * Disks are always plugged into the running guest, never there from the start, because a state with an
 * NVMe disk in it cannot be saved by QEMU. Saved states therefore hold no disk, whichever it is.
 */
export function diskToPlug(device: DeviceName): PluggedDevice | null {
  const form = diskForms[device];
  return form === null ? null : { ...form, id: "swapdisk", drive: blockNode, serial: diskSerial };
}

const usesScsi = (device: DeviceName): boolean => device === "scsi-ssd" || device === "scsi-hdd";

/**
 * The kernel's command line. Of the usual words for a faster boot under emulation only cryptomgr.notests
 * made a difference that could be measured (a sixth); the others are left out.
 */
export function kernelCommandLine(appendExtra: readonly string[]): string {
  return [
    "console=ttyS0",
    // A kernel that dies before its console driver is up still says why.
    "earlyprintk=serial,ttyS0,115200",
    // Warnings and worse still show, each with its time: that is how they are told from what a person types.
    "quiet",
    "printk.time=1",
    // A kernel that has oopsed cannot be judged: end at once (with -no-reboot) instead of going on.
    "oops=panic",
    "panic=-1",
    // Addresses are then the same in every boot, as the kernel's symbol table has them.
    "nokaslr",
    "nmi_watchdog=0",
    "cryptomgr.notests",
    ...appendExtra,
  ].join(" ");
}

/** In QEMU's `key=value,…` options a comma inside a value is written twice. */
const optionValue = (text: string): string => text.replaceAll(",", ",,");

/** A word for /bin/sh. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function cpuModel(accelerator: Accelerator): string {
  // Five-level page tables would make addresses differ from those of most machines. On AMD hosts without
  // the register that lists architectural capabilities QEMU's `host` model fails to set it.
  return accelerator === "kvm" ? "host,arch-capabilities=off" : "max,la57=off";
}

/**
 * Emulated CPUs take turns in one thread: they then run one after the other as the ops do, and an interrupt on one does
 * not overtake what another is doing.
 */
function acceleratorOption({ accelerator, cpuCount }: MachineDescription): string {
  return accelerator === "tcg" && cpuCount > 1 ? "tcg,thread=single" : accelerator;
}

const socketOption = (id: string, path: string, extra = ""): string => `socket,id=${id},path=${optionValue(path)}${extra}`;

/** QEMU's arguments, its own name not included. */
export function qemuArguments(machine: MachineDescription, paths: MachinePaths): string[] {
  const disk = diskToPlug(machine.device);
  return [
    "-nodefaults",
    "-no-user-config",
    ...["-display", "none"],
    "-no-reboot",
    ...["-machine", "q35"],
    ...["-accel", acceleratorOption(machine)],
    ...["-cpu", cpuModel(machine.accelerator)],
    ...["-m", `${machine.memoryMb}M`],
    ...["-smp", String(machine.cpuCount)],
    ...["-kernel", machine.kernel.bootPath],
    ...["-initrd", machine.initramfsPath],
    ...["-append", kernelCommandLine(machine.appendExtra)],
    ...["-chardev", socketOption("qmp0", paths.qmpSocketPath)],
    ...["-mon", "chardev=qmp0,mode=control"],
    ...["-chardev", socketOption("console0", paths.consoleSocketPath, `,logfile=${optionValue(paths.consoleLogPath)},logappend=on`)],
    ...["-serial", "chardev:console0"],
    ...["-chardev", socketOption("wire0", paths.wireSocketPath)],
    ...["-serial", "chardev:wire0"],
    // An empty slot: disks on the PCI bus are plugged into it.
    ...["-device", "pcie-root-port,id=port0,chassis=1,slot=1"],
    ...(usesScsi(machine.device) ? ["-device", "virtio-scsi-pci,id=scsi0"] : []),
    ...(disk === null ? [] : ["-blockdev", blockNodeOption(paths.diskPath)]),
    ...(paths.statePath === undefined ? [] : ["-S", "-incoming", `exec:cat ${shellQuote(paths.statePath)}`]),
  ];
}

/** The disk's content is thrown away after the run: the host's page cache holds it and nothing is flushed. */
function blockNodeOption(diskPath: string): string {
  return JSON.stringify({
    driver: "raw",
    "node-name": blockNode,
    cache: { direct: false, "no-flush": true },
    discard: "unmap",
    file: { driver: "file", filename: diskPath, cache: { direct: false, "no-flush": true }, discard: "unmap" },
  });
}

const placeholderPaths: MachinePaths = {
  diskPath: "<disk>",
  consoleLogPath: "<console log>",
  qmpSocketPath: "<qmp>",
  consoleSocketPath: "<console>",
  wireSocketPath: "<wire>",
};

/** The arguments without what differs from run to run: two machines with equal ones are the same machine. */
export function machineIdentity(machine: MachineDescription): string[] {
  const anyPlace = { ...machine, kernel: { ...machine.kernel, bootPath: "<kernel>" }, initramfsPath: "<initramfs>" };
  return qemuArguments(anyPlace, placeholderPaths);
}
