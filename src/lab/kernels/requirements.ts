import type { DeviceName, Op } from "../../workload/ops.ts";
import { deviceDrivers } from "./drivers.ts";
import type { KernelImage } from "./image.ts";

/** A configuration option that a kernel lacks, and what the lab needs it for. */
export interface Lack {
  readonly what: string;
  readonly why: string;
}

/** Options that must be built in, for any experiment. */
const builtinOptions: readonly Lack[] = [
  { what: "CONFIG_SWAP", why: "without it nothing is swapped" },
  { what: "CONFIG_TRANSPARENT_HUGEPAGE", why: "large folios of anonymous memory" },
  { what: "CONFIG_THP_SWAP", why: "large folios are swapped out whole" },
  { what: "CONFIG_KPROBE_EVENTS", why: "counts calls of the swap code" },
  { what: "CONFIG_DEBUG_INFO_BTF", why: "tells how this kernel lays out its swap structures" },
  { what: "CONFIG_KALLSYMS", why: "tells which functions this kernel has" },
  { what: "CONFIG_VM_EVENT_COUNTERS", why: "the counters in /proc/vmstat" },
  { what: "CONFIG_PROC_PAGE_MONITOR", why: "/proc/PID/pagemap tells where each page went" },
  { what: "CONFIG_ADVISE_SYSCALLS", why: "madvise pages memory out" },
  { what: "CONFIG_PROC_FS", why: "most of what the lab reads" },
  { what: "CONFIG_SYSFS", why: "folio sizes and disks" },
  { what: "CONFIG_DEVTMPFS", why: "device files for swap devices and serial ports" },
  { what: "CONFIG_BLK_DEV_INITRD", why: "the guest's only file system is its initramfs" },
  { what: "CONFIG_BINFMT_ELF", why: "runs the guest's agent" },
  { what: "CONFIG_UNIX", why: "the agent and its processes talk over sockets" },
  { what: "CONFIG_PRINTK", why: "the kernel's log shows why a guest died" },
  { what: "CONFIG_SERIAL_8250", why: "the two serial ports" },
  { what: "CONFIG_SERIAL_8250_CONSOLE", why: "the kernel's log goes to the first serial port" },
];

/** What a guest is for, as far as it takes more than any other. */
export interface Purpose {
  readonly op: Op["op"] | "program";
}

/** What single ops need, and a function that only kernels with the option have. */
const opOptions: Partial<Record<Purpose["op"], Lack & { readonly mark: string }>> = {
  evict: { what: "CONFIG_MEMCG", why: "evict reclaims a cgroup", mark: "mem_cgroup_css_alloc" },
  program: { what: "CONFIG_MEMCG", why: "a program's processes are known by their cgroup", mark: "mem_cgroup_css_alloc" },
  split: { what: "CONFIG_DEBUG_FS", why: "split_huge_pages is in debugfs", mark: "split_huge_pages_write" },
  zswap: { what: "CONFIG_ZSWAP", why: "zswap is switched on and off", mark: "zswap_store" },
};

/**
 * What a kernel was built without and these ops are about. Where its configuration is not known, its functions tell; they are
 * asked for only then.
 */
export async function lackedByOps(config: KernelImage["config"], ops: readonly Purpose[], functions: () => Promise<{ hasFunction(name: string): boolean }>): Promise<Lack[]> {
  const wanted = new Set(ops.map(({ op }) => opOptions[op]).filter((option) => option !== undefined));
  if (wanted.size === 0) return [];
  const found = config === null ? await functions() : null;
  const isThere = ({ what, mark }: { what: string; mark: string }): boolean => (found === null ? config?.get(what) === "y" : found.hasFunction(mark));
  return [...wanted].filter((option) => !isThere(option)).map(({ what, why }) => ({ what, why }));
}

/**
 * What a kernel lacks for any run on `devices`, as far as its configuration tells; an empty list when no
 * configuration is known. A driver may be a module when the kernel came with its modules.
 */
export function requirements(kernel: Pick<KernelImage, "config" | "modulesDir">, devices: readonly DeviceName[]): Lack[] {
  const { config } = kernel;
  if (config === null) return [];
  const lacks = builtinOptions.filter(({ what }) => config.get(what) !== "y");
  const wanted = devices.flatMap((device) => deviceDrivers[device].map((driver) => ({ ...driver, device })));
  for (const { option, module, device } of wanted.filter((driver, index) => wanted.findIndex((other) => other.option === driver.option) === index)) {
    const value = config.get(option);
    if (value === "y") continue;
    if (value === "m" && kernel.modulesDir !== "") continue;
    const withoutFile = value === "m" ? `; it is a module, and no ${module}.ko came with this kernel` : "";
    lacks.push({ what: option, why: `the driver of ${device}${withoutFile}` });
  }
  return lacks;
}
