import type { Generation } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { deviceTraits, rotatingText } from "../workload/devices.ts";
import type { AreaDeclaration, AreaName, Workload } from "../workload/ops.ts";

/** What the guest is asked before the prediction. */
export interface GuestAssumptions {
  readonly generation: Generation;
  readonly scanStarts: readonly number[];
  readonly ownNode: ReadonlySet<AreaName>;
}

const areaMb = ({ pageCount }: AreaDeclaration): number => (pageCount * x86_64.pageSizeBytes) / 1024 ** 2;

/** `a swap area of 64 MiB that nobody has used, not rotating (…), …`, with its name where there are several. */
function areaAssumption(area: AreaDeclaration, several: boolean): string {
  const traits = deviceTraits[area.device];
  const chosen = area.priority === null ? "a priority of the kernel's choice" : `priority ${area.priority}`;
  const name = several ? `swap area ${area.name}: ${areaMb(area)} MiB on ${area.device}, with ${chosen},` : `a swap area of ${areaMb(area)} MiB`;
  return `${name} that nobody has used, ${rotatingText(traits)}, ${traits.synchronous ? "finishing I/O before it returns" : "finishing I/O after reclaim has moved on"}`;
}

/** Of areas that are ranked by the node of their disks, which disks are on the CPU's. */
function nodeAssumptions(areas: readonly AreaDeclaration[], { generation, ownNode }: GuestAssumptions): string[] {
  const ranked = areas.filter(({ priority }) => priority === null);
  if (generation.features.automaticPriorities === "equal" || ranked.length < 2) return [];
  const own = ranked.filter(({ name }) => ownNode.has(name)).map(({ name }) => name);
  return [own.length === 0 ? "no disk belongs to the CPU's node" : `of the disks those of ${own.join(", ")} belong to the CPU's node (read from the guest)`];
}

const cutsSharedFolios = (ops: Workload["ops"]): boolean =>
  ops.some((op) => op.op === "map" && op.share === "shared" && op.folioOrder > 0) && ops.some(({ op }) => op === "remove");

/** What the model takes for granted, a sentence each, as the result lists it. */
export function assumptionsOf({ areas, cpuCount, ops }: Workload, asked: GuestAssumptions): string[] {
  const { generation, scanStarts } = asked;
  return [
    `generation ${generation.name}: ${generation.summary}${generation.booted ? "" : "; made from what its sources say, never held against a kernel"}`,
    `${x86_64.pageSizeBytes / 1024} kB pages, clusters of ${1 << x86_64.pmdOrder} slots, ${cpuCount} vCPU`,
    ...areas.map((area) => areaAssumption(area, areas.length > 1)),
    ...nodeAssumptions(areas, asked),
    `no memory pressure but what the workload asks for; khugepaged off; zswap ${ops.some(({ op }) => op === "zswap") ? "as the workload has it" : "off"}`,
    "faults find free memory for folios of the size asked for",
    ...(generation.features.holeSplit === "around-page" && cutsSharedFolios(ops) ? ["the kernel is built without CONFIG_READ_ONLY_THP_FOR_FS, with which it would split a folio that a hole cuts into otherwise (until 7.1)"] : []),
    ...scanStarts.map((slot, cpu) => `${cpuCount === 1 ? "the" : `CPU ${cpu}'s`} first scan starts at slot ${slot}, which swapon drew at random (read from the guest's memory)`),
    ...(generation.features.allocator === "free-list" && areas.some((area) => areaMb(area) > 64)
      ? ["above 64 MiB a scan that follows when no cluster is free starts at a random place; the run is not judged if it comes to that"]
      : []),
  ];
}
