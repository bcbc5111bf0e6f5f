import type { DeviceName } from "../../workload/ops.ts";

/** What each choice of swap device takes in the guest's kernel. */
export interface Driver {
  /** As the module is called. */
  readonly module: string;
  /** The configuration option that builds it. */
  readonly option: string;
}

const pci: Driver = { module: "virtio_pci", option: "CONFIG_VIRTIO_PCI" };
const nvme: readonly Driver[] = [{ module: "nvme", option: "CONFIG_BLK_DEV_NVME" }];
const virtio: readonly Driver[] = [pci, { module: "virtio_blk", option: "CONFIG_VIRTIO_BLK" }];
const scsi: readonly Driver[] = [pci, { module: "virtio_scsi", option: "CONFIG_SCSI_VIRTIO" }, { module: "sd_mod", option: "CONFIG_BLK_DEV_SD" }];

/** The drivers without which a device does not appear, in load order. */
export const deviceDrivers: Readonly<Record<DeviceName, readonly Driver[]>> = {
  nvme,
  "nvme-hdd": nvme,
  "scsi-ssd": scsi,
  "scsi-hdd": scsi,
  virtio,
  "virtio-ssd": virtio,
  brd: [{ module: "brd", option: "CONFIG_BLK_DEV_RAM" }],
  zram: [{ module: "zram", option: "CONFIG_ZRAM" }],
};

/**
 * The compressor that zram of 6.1 takes from the crypto layer unless configured otherwise (CONFIG_ZRAM_DEF_COMP).
 * It is loaded before zram where it is a module, because nothing in the guest answers the kernel's own request
 * for one. Since 6.12 zram brings its compressors along as its own dependencies.
 */
export const zramDefaultCompressor = "lzo-rle";
