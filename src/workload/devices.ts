import type { DeviceName } from "./ops.ts";

/** What is assumed of a device, and how the guest's kernel comes to see it so. */
export interface DeviceTraits {
  /** It finishes I/O before it returns. */
  readonly synchronous: boolean;
  /** The guest's kernel takes it for one that rotates; the guest is asked whether it does. */
  readonly rotating: boolean;
  /** What makes the kernel think so, in the words of QEMU or of the guest; empty where there was no choice. */
  readonly rotatingBecause: string;
  /** What is written into the guest's queue/rotational before swapon; where it is null the device's own word stands. */
  readonly writtenRotational: 0 | 1 | null;
}

const memory: DeviceTraits = { synchronous: true, rotating: false, rotatingBecause: "", writtenRotational: null };

const disk = (rotating: boolean, rotatingBecause: string): DeviceTraits => ({ synchronous: false, rotating, rotatingBecause, writtenRotational: null });

const written = (value: 0 | 1): DeviceTraits => ({
  ...disk(value === 1, `queue/rotational set to ${value}`),
  writtenRotational: value,
});

export const deviceTraits: Readonly<Record<DeviceName, DeviceTraits>> = {
  nvme: disk(false, ""),
  "nvme-hdd": written(1),
  "scsi-ssd": disk(false, "QEMU: scsi-hd,rotation_rate=1"),
  "scsi-hdd": disk(true, "QEMU: scsi-hd without rotation_rate=1"),
  virtio: disk(true, "virtio-blk never says otherwise"),
  "virtio-ssd": written(0),
  brd: memory,
  zram: memory,
};

/** `not rotating`, `rotating (queue/rotational set to 1)`. */
export function rotatingText({ rotating, rotatingBecause }: DeviceTraits): string {
  return `${rotating ? "rotating" : "not rotating"}${rotatingBecause === "" ? "" : ` (${rotatingBecause})`}`;
}
