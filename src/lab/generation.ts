import { open } from "node:fs/promises";
import { generationChoice, generationNames, generations, type Generation, type GenerationName } from "../model/features.ts";
import { type Btf, BtfError, btfSection, parseBtf } from "./btf.ts";
import { LabError } from "./errors.ts";

/** A fact about a kernel's types and functions that tells generations apart. Never a version number. */
interface Mark {
  readonly what: string;
  readonly holds: (btf: Btf) => boolean;
}

const member = (structure: string, name: string): Mark => ({
  what: `struct ${structure} has ${name}`,
  holds: (btf) => btf.structure(structure)?.member(name) !== undefined,
});
const noMember = (structure: string, name: string): Mark => ({
  what: `struct ${structure} has no ${name}`,
  holds: (btf) => {
    const found = btf.structure(structure);
    return found !== undefined && found.member(name) === undefined;
  },
});
const structure = (name: string): Mark => ({ what: `there is a struct ${name}`, holds: (btf) => btf.structure(name) !== undefined });
const noStructure = (name: string): Mark => ({ what: `there is no struct ${name}`, holds: (btf) => btf.structure(name) === undefined });
const func = (name: string): Mark => ({ what: `${name}() exists`, holds: (btf) => btf.hasFunction(name) });

const percpuClustersBesideTrees: readonly Mark[] = [
  func("free_swap_and_cache_nr"),
  structure("percpu_swap_cluster"),
  member("swap_info_struct", "swap_map"),
  member("swap_info_struct", "frag_cluster_nr"),
  noMember("swap_cluster_info", "table"),
  noStructure("swap_slots_cache"),
];

const swapTableBesideBytes: readonly Mark[] = [
  func("free_swap_and_cache_nr"),
  structure("percpu_swap_cluster"),
  member("swap_info_struct", "swap_map"),
  member("swap_info_struct", "nonfull_clusters"),
  noMember("swap_info_struct", "frag_cluster_nr"),
  member("swap_cluster_info", "table"),
];

const countsInTable: readonly Mark[] = [
  func("swap_put_entries_direct"),
  noMember("swap_info_struct", "swap_map"),
  member("swap_info_struct", "nonfull_clusters"),
  member("swap_cluster_info", "extend_table"),
  noMember("swap_info_struct", "percpu_cluster"),
];

/** What every kernel of a generation shows. All marks must hold. */
const marks: Readonly<Record<GenerationName, readonly Mark[]>> = {
  "6.1": [
    func("free_swap_and_cache"),
    func("split_swap_cluster"),
    noMember("swap_info_struct", "nonfull_clusters"),
    member("swap_slots_cache", "slots_ret"),
    member("swap_info_struct", "cluster_next_cpu"),
  ],
  "6.12": [
    func("free_swap_and_cache_nr"),
    member("swap_info_struct", "nonfull_clusters"),
    member("swap_info_struct", "frag_cluster_nr"),
    member("swap_info_struct", "zeromap"),
    member("swap_slots_cache", "slots_ret"),
    member("swap_info_struct", "percpu_cluster"),
  ],
  "6.10": [
    func("free_swap_and_cache_nr"),
    noMember("swap_info_struct", "nonfull_clusters"),
    member("swap_slots_cache", "slots_ret"),
    member("percpu_cluster", "next"),
  ],
  "6.14": [
    func("free_swap_and_cache_nr"),
    member("swap_info_struct", "nonfull_clusters"),
    member("swap_info_struct", "percpu_cluster"),
    member("swap_info_struct", "global_cluster"),
    member("swap_slots_cache", "slots"),
  ],
  "6.16": [...percpuClustersBesideTrees, member("writeback_control", "swap_plug")],
  "6.17": [...percpuClustersBesideTrees, noMember("writeback_control", "swap_plug")],
  "6.18": [...swapTableBesideBytes, member("swap_info_struct", "avail_lists")],
  "6.19": [...swapTableBesideBytes, member("swap_info_struct", "avail_list")],
  "7.0": [
    func("swap_put_entries_direct"),
    member("swap_info_struct", "swap_map"),
    member("swap_info_struct", "nonfull_clusters"),
    member("swap_cluster_info", "table"),
    noMember("swap_info_struct", "percpu_cluster"),
  ],
  "7.1": [...countsInTable, member("swap_info_struct", "zeromap"), noStructure("swap_io_ctx")],
  "7.2": [...countsInTable, noMember("swap_info_struct", "zeromap"), noStructure("swap_io_ctx")],
  "7.3": [...countsInTable, structure("swap_io_ctx")],
};

/** The type information of a kernel. Throws `invalid` when it has none. */
export async function readBtf(vmlinuxPath: string, release: string): Promise<Btf> {
  const section = vmlinuxPath === "" ? null : await readSection(vmlinuxPath);
  if (section === null) {
    throw new LabError("invalid", {
      what: "the kernel carries no BTF, which tells how its swap structures are laid out",
      where: `kernel ${release}`,
      next: "Build it with CONFIG_DEBUG_INFO_BTF=y.",
    });
  }
  try {
    return parseBtf(section);
  } catch (error) {
    if (!(error instanceof BtfError)) throw error;
    throw new LabError("invalid", { what: `its BTF cannot be read: ${error.message}`, where: `kernel ${release}` }, { cause: error });
  }
}

async function readSection(vmlinuxPath: string): Promise<Uint8Array | null> {
  const file = await open(vmlinuxPath, "r");
  try {
    return await btfSection(async (offset, sizeBytes) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

/** The generation that a kernel belongs to. Throws `invalid` when it fits none that is modelled. */
export function generationOf(btf: Btf, release: string): Generation {
  const found = generationNames.find((name) => marks[name].every((mark) => mark.holds(btf)));
  if (found !== undefined) return generations[found];
  const nearest = generationNames
    .map((name) => ({ name, missing: marks[name].filter((mark) => !mark.holds(btf)) }))
    .sort((a, b) => a.missing.length - b.missing.length)[0]!;
  throw new LabError("invalid", {
    what: `no generation that is modelled fits it; nearest is ${nearest.name}, but it is not so that ${nearest.missing.map((mark) => mark.what).join(", ")}`,
    where: `kernel ${release}`,
    next: `Modelled are ${generationChoice()}; --model NAME compares with one of them all the same.`,
  });
}
