import { readFileSync, readlinkSync } from "node:fs";

/**
 * Who is building a bundle, written into its partial folder so that a later process can tell a run that is
 * still going on from one that died. A process id alone is not enough: ids are used again.
 */
export interface Owner {
  readonly pid: number;
  /** Changes with every boot of the host; empty where the host does not say. */
  readonly boot: string;
  /** The pid namespace: in another one the same id is another process. */
  readonly namespace: string;
  /** When the process started, in the host's own count; empty where the host does not say. */
  readonly started: string;
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

const bootId = (): string => attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
const pidNamespace = (): string => attempt(() => readlinkSync("/proc/self/ns/pid"));

/** Field 22 of /proc/<pid>/stat. The second field, the command's name, may hold spaces and parentheses. */
function startTime(pid: number): string {
  return attempt(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  });
}

export function thisProcess(): Owner {
  return { pid: process.pid, boot: bootId(), namespace: pidNamespace(), started: startTime(process.pid) };
}

export function parseOwner(text: string): Owner | null {
  const [pid = "", boot, namespace, started] = text.trimEnd().split("\n");
  if (!/^\d{1,10}$/.test(pid) || boot === undefined || namespace === undefined || started === undefined) return null;
  return { pid: Number(pid), boot, namespace, started };
}

export function formatOwner({ pid, boot, namespace, started }: Owner): string {
  return [pid, boot, namespace, started].join("\n") + "\n.\n";
}

/** `unknown` when the owner cannot be seen from here: it may live in another container. */
export function ownerState(owner: Owner): "alive" | "dead" | "unknown" {
  if (owner.boot !== bootId()) return "dead";
  if (owner.namespace !== pidNamespace()) return "unknown";
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return "dead";
  }
  return owner.started === startTime(owner.pid) ? "alive" : "dead";
}
