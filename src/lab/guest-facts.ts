import type { FactMessage, GuestMessage } from "../protocol/messages.ts";
import { LabError } from "./errors.ts";

/** What a prepared guest said about itself. */
export interface GuestFacts {
  /** Sizes of folios of anonymous memory, kB, the base page included, ascending. */
  readonly folioSizesKb: readonly number[];
  readonly countedCalls: readonly string[];
  readonly countedReturns: readonly string[];
  readonly cpuCount: number;
  /** Addresses of kernel data by symbol; one that the kernel lacks is absent. */
  readonly addresses: ReadonlyMap<string, bigint>;
  /** Swap devices, by the serial number or name under which each was asked for. */
  readonly disks: ReadonlyMap<string, DiskFacts>;
  /** Things a person should know: probes that the kernel refused. */
  readonly remarks: readonly string[];
}

const factKinds = new Set<GuestMessage["kind"]>(["module", "disk", "probe", "return", "folio-size", "symbol", "lack", "missed"]);
const isFact = (message: GuestMessage): message is FactMessage => factKinds.has(message.kind);

/**
 * Sorts the answers to the prepare requests.
 *
 * @throws LabError `invalid` naming everything that the kernel lacks
 */
export function readGuestFacts(messages: readonly GuestMessage[], pageKb: number): GuestFacts {
  const facts = messages.filter(isFact);
  const lacks = facts.flatMap((fact) => {
    if (fact.kind === "lack") return [fact.detail === "" ? fact.what : `${fact.what} (${fact.detail})`];
    if (fact.kind === "module" && fact.status !== "ok") return [`module ${fact.name} (${fact.detail === "" ? fact.status : fact.detail})`];
    return [];
  });
  if (lacks.length > 0) {
    throw new LabError("invalid", {
      what: `this kernel cannot run the experiment; it lacks ${lacks.join(", ")}`,
      where: "guest",
      next: "Build it with what is missing, or choose another --kernel or --device.",
    });
  }
  const counted = (kind: "probe" | "return"): string[] => facts.filter((fact) => fact.kind === kind && fact.status === "ok").map((fact) => ("name" in fact ? fact.name : ""));
  const refused = facts.flatMap((fact) =>
    (fact.kind === "probe" || fact.kind === "return") && fact.status === "refused" ? [`${fact.name} is not counted: ${fact.detail}`] : [],
  );
  const hello = messages.find((message) => message.kind === "hello");
  const sizes = facts.flatMap((fact) => (fact.kind === "folio-size" ? [fact.sizeKb] : []));
  return {
    folioSizesKb: [pageKb, ...sizes].sort((a, b) => a - b),
    countedCalls: counted("probe"),
    countedReturns: counted("return"),
    cpuCount: hello?.kind === "hello" ? hello.cpuCount : 1,
    addresses: new Map(facts.flatMap((fact): [string, bigint][] => (fact.kind === "symbol" && fact.present ? [[fact.name, BigInt(fact.address)]] : []))),
    disks: diskFacts(facts),
    remarks: refused,
  };
}

/** What the guest says of one of its swap devices. */
export interface DiskFacts {
  readonly rotational: boolean;
  /** The disk belongs to the node that the guest's CPUs are on: a guest of ours has but one. */
  readonly ownNode: boolean;
}

function diskFacts(facts: readonly FactMessage[]): ReadonlyMap<string, DiskFacts> {
  const disks = facts.filter((fact) => fact.kind === "disk");
  return new Map(disks.map(({ serial, rotational, node }) => [serial, { rotational, ownNode: node === 0 }]));
}
