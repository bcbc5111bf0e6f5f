import type { CancelSignal, LabEvents } from "../../api/lab.ts";

/** A kernel that is ready to boot: every path exists. */
export interface KernelImage {
  /** What was asked for: a series such as "6.12", or a path. */
  readonly name: string;
  /** What `uname -r` will say. */
  readonly release: string;
  /** The Debian package's version; "" for a kernel of one's own. */
  readonly packageVersion: string;
  /** What QEMU's `-kernel` gets. */
  readonly bootPath: string;
  /** `pvh`: an ELF with a PVH entry note, which skips the decompressor. `bzimage`: the compressed image. */
  readonly bootKind: "pvh" | "bzimage";
  /** The kernel's ELF, for its .BTF section; "" when it could not be taken out of the image. */
  readonly vmlinuxPath: string;
  /** Of the file at `bootPath`, hexadecimal. */
  readonly sha256: string;
  /** CONFIG_… to y, m, n or the value without quotes; null when no configuration was found. */
  readonly config: ReadonlyMap<string, string> | null;
  /** A folder with modules.dep, as depmod leaves it; "" when there are no modules. */
  readonly modulesDir: string;
}

export interface LongTask {
  readonly signal?: CancelSignal | undefined;
  /** `detail` may change often within a stage. */
  readonly progress?: LabEvents["progress"] | undefined;
}
