import type { DeviceName } from "./ops.ts";

/** What is assumed of a device, and how the guest's kernel comes to see it so. */
export interface DeviceTraits {
  /** It finishes I/O before it returns. */
  readonly synchronous: boolean;
  /** The guest's kernel takes it for one that rotates; the guest is asked whether it does. */
  readonly rotating: boolean;
  /** What makes the kernel think so, in the words of QEMU or of the guest. */
  readonly rotatingBecause: string;
  /** What is written into the guest's queue/rotational before swapon; where it is null the device's own word stands. */
  readonly writtenRotational: 0 | 1 | null;
}

const memory: DeviceTraits = { synchronous: true, rotating: false, rotatingBecause: "a device in memory", writtenRotational: null };

const disk = (rotating: boolean, rotatingBecause: string): DeviceTraits => ({ synchronous: false, rotating, rotatingBecause, writtenRotational: null });

const written = (value: 0 | 1): DeviceTraits => ({
  ...disk(value === 1, `${value} written into queue/rotational before swapon`),
  writtenRotational: value,
});

export const deviceTraits: Readonly<Record<DeviceName, DeviceTraits>> = {
  nvme: disk(false, "no NVMe disk rotates"),
  "nvme-hdd": written(1),
  "scsi-ssd": disk(false, "QEMU's scsi-hd with rotation_rate=1"),
  "scsi-hdd": disk(true, "QEMU's scsi-hd without rotation_rate=1"),
  virtio: disk(true, "virtio-blk says nothing else"),
  "virtio-ssd": written(0),
  brd: memory,
  zram: memory,
};
