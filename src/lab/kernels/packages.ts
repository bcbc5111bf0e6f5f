/**
 * Which Debian packages make up a kernel. Up to 6.18 one image package holds everything; from 6.19 on it
 * only depends on others that hold the image, the modules and the configuration, each with the same version.
 */

/** One version of one package, from its control record. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  /** Depends and Pre-Depends that ask for one exact version. */
  readonly pinned: readonly { readonly name: string; readonly version: string }[];
  readonly downloadBytes: number;
  readonly installedBytes: number;
}

/** Reads what `apt-cache show` prints. */
export function parseRecords(text: string): PackageRecord[] {
  const records: PackageRecord[] = [];
  for (const stanza of text.split(/\n\n+/)) {
    const field = (name: string): string => new RegExp(`^${name}: *(.*)$`, "m").exec(stanza)?.[1] ?? "";
    const name = field("Package");
    if (name === "") continue;
    const depends = `${field("Depends")}, ${field("Pre-Depends")}`;
    const pinned = [...depends.matchAll(/(?:^|,)\s*([a-z0-9][a-z0-9.+-]*)\s*\(=\s*([^)\s]+)\s*\)\s*(?=,|$)/g)].map((match) => ({
      name: match[1] ?? "",
      version: match[2] ?? "",
    }));
    records.push({
      name,
      version: field("Version"),
      pinned,
      downloadBytes: Number(field("Size")) || 0,
      installedBytes: (Number(field("Installed-Size")) || 0) * 1024,
    });
  }
  return records;
}

/** Sort weight of one character in the non-digit parts of a Debian version: `~` before the end, letters before the rest. */
function weight(char: string | undefined): number {
  if (char === undefined) return 0;
  if (char === "~") return -1;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function compareParts(a: string, b: string): number {
  let [restA, restB] = [a, b];
  while (restA !== "" || restB !== "") {
    const textA = /^\D*/.exec(restA)?.[0] ?? "";
    const textB = /^\D*/.exec(restB)?.[0] ?? "";
    for (let i = 0; i < Math.max(textA.length, textB.length); i++) {
      const difference = weight(textA[i]) - weight(textB[i]);
      if (difference !== 0) return difference;
    }
    restA = restA.slice(textA.length);
    restB = restB.slice(textB.length);
    const digitsA = /^\d*/.exec(restA)?.[0] ?? "";
    const digitsB = /^\d*/.exec(restB)?.[0] ?? "";
    if (Number(digitsA) !== Number(digitsB)) return Number(digitsA) - Number(digitsB);
    restA = restA.slice(digitsA.length);
    restB = restB.slice(digitsB.length);
  }
  return 0;
}

function splitVersion(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch, rest = ""] = /^(?:(\d+):)?(.*)$/.exec(version) ?? [];
  const dash = rest.lastIndexOf("-");
  return {
    epoch: Number(epoch ?? 0),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Order of two Debian versions as the packaging policy defines it: below 0 when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [splitVersion(a), splitVersion(b)];
  return left.epoch - right.epoch || compareParts(left.upstream, right.upstream) || compareParts(left.revision, right.revision);
}

/** True when a package version belongs to a kernel series: 6.1.192-2 to 6.1, not to 6.19. */
export function isOfSeries(version: string, series: string): boolean {
  return new RegExp(`^${series.replaceAll(".", "\\.")}(?![0-9])`).test(version);
}

/** The newest image package of a series that is not a mere pointer to another candidate; undefined when there is none. */
export function newestImage(candidates: readonly PackageRecord[], series: string): PackageRecord | undefined {
  const names = new Set(candidates.map((candidate) => candidate.name));
  return candidates
    .filter((candidate) => isOfSeries(candidate.version, series))
    .filter((candidate) => !candidate.pinned.some((dependency) => names.has(dependency.name)))
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

/** The packages of the same build that an image package needs directly: its image, modules and base files. */
export function kernelDependencies(image: PackageRecord): readonly { readonly name: string; readonly version: string }[] {
  return image.pinned.filter((dependency) => dependency.name.startsWith("linux-"));
}
