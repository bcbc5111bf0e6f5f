import { areasMax, type DeviceName } from "../../workload/ops.ts";
import type { KernelImage } from "../kernels/image.ts";

export type Accelerator = "tcg" | "kvm";

export const qemuProgram = "qemu-system-x86_64";

/** A guest as a person thinks of it. Two machines with the same description have interchangeable saved states. */
export interface MachineDescription {
  readonly kernel: Pick<KernelImage, "bootPath" | "sha256">;
  readonly initramfsPath: string;
  /** What there is to swap to, in the order of the areas. */
  readonly devices: readonly DeviceName[];
  readonly memoryMb: number;
  readonly cpuCount: number;
  readonly accelerator: Accelerator;
  /** The guest's clock counts its instructions in place of the host's time; TCG only. */
  readonly instructionClock: boolean;
  /** Words put behind our own on the kernel's command line. */
  readonly appendExtra: readonly string[];
}

/** The files and sockets of one run of a machine. */
export interface MachinePaths {
  /** A raw image for each device that has a disk: the device's number is put behind it. */
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

/** A device as QMP's `device_add` takes it. */
export type PluggedDevice = Readonly<Record<string, string | number>>;

/** A disk without its place in the machine. */
type DiskForm = { readonly bus: "pci" | "scsi" } & PluggedDevice;

/** A write that the host has no room for fails in the guest, as it does on NVMe. Otherwise QEMU stops the guest and says nothing. */
const failing = { werror: "report" } as const;

const diskForms: Readonly<Record<DeviceName, DiskForm | null>> = {
  nvme: { driver: "nvme", bus: "pci" },
  "nvme-hdd": { driver: "nvme", bus: "pci" },
  virtio: { driver: "virtio-blk-pci", bus: "pci", ...failing },
  "virtio-ssd": { driver: "virtio-blk-pci", bus: "pci", ...failing },
  // A rotation rate of 1 is how a SCSI disk says that it does not rotate; without one the kernel takes it for a hard disk.
  "scsi-ssd": { driver: "scsi-hd", bus: "scsi", rotation_rate: 1, ...failing },
  "scsi-hdd": { driver: "scsi-hd", bus: "scsi", ...failing },
  brd: null,
  zram: null,
};

/** A device of the guest, whether QEMU or the guest's kernel makes it. */
export interface GuestDevice {
  readonly device: DeviceName;
  /** What the guest finds it by: the serial number of a disk, the name of a device that its kernel makes. */
  readonly serial: string;
  /** How the disk is plugged in; null where the guest's kernel makes the device. */
  readonly plug: PluggedDevice | null;
}

/**
 * The swap devices of a machine, in the order of its areas.
 *
 * Disks are always plugged into the running guest, never there from the start, because a state with an
 * NVMe disk in it cannot be saved by QEMU. Saved states therefore hold no disk, whichever it is.
 */
export function guestDevices(devices: readonly DeviceName[]): GuestDevice[] {
  return devices.map((device, number) => {
    const form = diskForms[device];
    const before = devices.slice(0, number).filter((other) => other === device).length;
    if (form === null) return { device, serial: `${device === "brd" ? "ram" : device}${before}`, plug: null };
    const serial = `swaplab${number}`;
    const bus = form.bus === "pci" ? `port${number}` : "scsi0.0";
    return { device, serial, plug: { ...form, bus, id: `swapdisk${number}`, drive: blockNode(number), serial } };
  });
}

const blockNode = (number: number): string => `disk${number}`;

/** The image of the disk of device `number`. */
export const diskImagePath = (diskPath: string, number: number): string => `${diskPath}${number}`;

const usesScsi = (device: DeviceName): boolean => diskForms[device]?.bus === "scsi";

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

/**
 * An instruction counts as two to the power of this, in nanoseconds. About as fast as emulation is: with a faster clock the
 * kernel's waits for it during the boot are emulated for longer.
 */
const instructionShift = 3;

const socketOption = (id: string, path: string, extra = ""): string => `socket,id=${id},path=${optionValue(path)}${extra}`;

/** QEMU's arguments, its own name not included. */
export function qemuArguments(machine: MachineDescription, paths: MachinePaths): string[] {
  const disks = guestDevices(machine.devices).flatMap(({ plug }, number) => (plug === null ? [] : [number]));
  return [
    "-nodefaults",
    "-no-user-config",
    ...["-display", "none"],
    "-no-reboot",
    ...["-machine", "q35"],
    ...["-accel", acceleratorOption(machine)],
    ...(machine.instructionClock ? ["-icount", `shift=${instructionShift}`] : []),
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
    // Empty slots, into which disks on the PCI bus are plugged. All of them in every machine, so that a saved state fits any number of disks.
    ...Array.from({ length: areasMax }, (_, port) => ["-device", `pcie-root-port,id=port${port},chassis=${port + 1},slot=${port + 1}`]).flat(),
    ...(machine.devices.some(usesScsi) ? ["-device", "virtio-scsi-pci,id=scsi0"] : []),
    ...disks.flatMap((number) => ["-blockdev", blockNodeOption(blockNode(number), diskImagePath(paths.diskPath, number))]),
    ...(paths.statePath === undefined ? [] : ["-S", "-incoming", `exec:cat ${shellQuote(paths.statePath)}`]),
  ];
}

/** The disk's content is thrown away after the run: the host's page cache holds it and nothing is flushed. */
function blockNodeOption(node: string, imagePath: string): string {
  return JSON.stringify({
    driver: "raw",
    "node-name": node,
    cache: { direct: false, "no-flush": true },
    discard: "unmap",
    file: { driver: "file", filename: imagePath, cache: { direct: false, "no-flush": true }, discard: "unmap" },
  });
}

const placeholderPaths: MachinePaths = {
  diskPath: "<disk>",
  consoleLogPath: "<console log>",
  qmpSocketPath: "<qmp>",
  consoleSocketPath: "<console>",
  wireSocketPath: "<wire>",
};

/**
 * The arguments without what differs from run to run, and without disks, which are plugged in later: two machines with equal
 * ones are the same machine.
 */
export function machineIdentity(machine: MachineDescription): string[] {
  const anyPlace = { ...machine, kernel: { ...machine.kernel, bootPath: "<kernel>" }, initramfsPath: "<initramfs>" };
  const words = qemuArguments(anyPlace, placeholderPaths);
  return words.filter((word, index) => word !== "-blockdev" && words[index - 1] !== "-blockdev");
}
