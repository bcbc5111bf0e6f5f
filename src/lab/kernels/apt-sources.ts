/**
 * Finds the Debian mirrors among a host's apt sources and writes sources of our own from them, so that
 * kernels come from where the host already gets its packages.
 */

/** One host entry: archives × suites, with the options we keep. */
interface SourceEntry {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** A keyring path, a fingerprint or a whole key (several lines); "" when not given. */
  readonly signedBy: string;
  readonly checkValidUntil: string;
}

/** An archive to fetch from. */
export interface Archive {
  readonly uri: string;
  readonly signedBy: string;
  readonly checkValidUntil: string;
}

/** The host's Debian mirrors: the main archive and the one for security updates, null when there is none. */
export interface DebianArchives {
  readonly main: Archive | null;
  readonly security: Archive | null;
}

const archiveKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const suitePattern =
  /^(?:bullseye|bookworm|trixie|forky|duke|sid|oldoldstable|oldstable|stable|testing|unstable)(?:-(?:updates|backports|backports-sloppy|proposed-updates))?$/;
const securitySuitePattern = /^(?:bullseye|bookworm|trixie|forky|duke|oldoldstable|oldstable|stable|testing)(?:-security|\/updates)$/;

/** The fields of one deb822 stanza, names in lower case, continuation lines joined by newlines. */
function stanzaFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    if (/^[ \t]/.test(line)) {
      if (current !== "") fields.set(current, `${fields.get(current) ?? ""}\n${line}`);
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    current = line.slice(0, colon).trim().toLowerCase();
    fields.set(current, line.slice(colon + 1).trim());
  }
  return fields;
}

const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

function parseDeb822(text: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const stanza of text.replaceAll("\r", "").split(/\n[ \t]*\n+/)) {
    const fields = stanzaFields(stanza);
    if (!words(fields.get("types")).includes("deb")) continue;
    if (/^(?:no|false|off|0|without|disable)$/i.test(fields.get("enabled") ?? "yes")) continue;
    entries.push({
      uris: words(fields.get("uris")),
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
      signedBy: fields.get("signed-by") ?? "",
      checkValidUntil: fields.get("check-valid-until") ?? "",
    });
  }
  return entries;
}

function parseOneLine(text: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) continue;
    const [, optionText, uri = "", suite = "", components] = match;
    const options = new Map(words(optionText).map((option) => [option.split("=")[0]?.toLowerCase() ?? "", option.slice(option.indexOf("=") + 1)]));
    entries.push({
      uris: [uri],
      suites: [suite],
      components: words(components),
      signedBy: options.get("signed-by") ?? "",
      checkValidUntil: options.get("check-valid-until") ?? "",
    });
  }
  return entries;
}

/** A file of /etc/apt/sources.list.d, or sources.list itself. */
export interface SourceFile {
  readonly fileName: string;
  readonly text: string;
}

/**
 * How sure we are that an entry is a Debian mirror: other vendors publish "bookworm main" too, signed by
 * keys of their own. 0 means it is not.
 */
function confidence(uri: string, entry: SourceEntry): number {
  if (uri.startsWith("cdrom:") || !entry.components.includes("main")) return 0;
  if (entry.signedBy.includes("debian-archive")) return 3;
  const isNamedDebian = /\/debian(?:-security)?\/?$/.test(uri);
  if (entry.signedBy === "") return isNamedDebian ? 2 : 0;
  return isNamedDebian ? 1 : 0;
}

function bestArchive(entries: readonly SourceEntry[], pattern: RegExp): Archive | null {
  let best: Archive | null = null;
  let bestConfidence = 0;
  for (const entry of entries) {
    if (!entry.suites.some((suite) => pattern.test(suite))) continue;
    for (const uri of entry.uris) {
      const sure = confidence(uri, entry);
      if (sure <= bestConfidence) continue;
      bestConfidence = sure;
      best = { uri, signedBy: entry.signedBy === "" ? archiveKeyring : entry.signedBy, checkValidUntil: entry.checkValidUntil };
    }
  }
  return best;
}

/**
 * The Debian mirrors of a host. A host without the security archive gets the one that mirrors keep
 * beside the main archive under the customary name.
 */
export function debianArchives(files: readonly SourceFile[]): DebianArchives {
  const entries = files.flatMap(({ fileName, text }) => (fileName.endsWith(".sources") ? parseDeb822(text) : parseOneLine(text)));
  const main = bestArchive(entries, suitePattern);
  const security = bestArchive(entries, securitySuitePattern);
  if (security !== null || main === null || !/\/debian\/?$/.test(main.uri)) return { main, security };
  return { main, security: { ...main, uri: main.uri.replace(/\/debian\/?$/, "/debian-security") } };
}

function stanza(archive: Archive, suites: readonly string[], architecture: string): string {
  const lines = [
    "Types: deb",
    `URIs: ${archive.uri}`,
    `Suites: ${suites.join(" ")}`,
    "Components: main",
    `Architectures: ${architecture}`,
    // Only the package index: no translations, contents or icons, whatever the host has switched on.
    "Targets: Packages",
    `Signed-By: ${archive.signedBy}`,
  ];
  if (archive.checkValidUntil !== "") lines.push(`Check-Valid-Until: ${archive.checkValidUntil}`);
  return `${lines.join("\n")}\n`;
}

/** Sources in deb822 form for the suites wanted; those whose archive the host has no mirror of are left out. */
export function sourcesFor(archives: DebianArchives, suites: readonly string[], architecture: string): string {
  const unique = [...new Set(suites)];
  const securitySuites = unique.filter((suite) => securitySuitePattern.test(suite));
  const mainSuites = unique.filter((suite) => !securitySuitePattern.test(suite));
  const stanzas: string[] = [];
  if (archives.main !== null && mainSuites.length > 0) stanzas.push(stanza(archives.main, mainSuites, architecture));
  if (archives.security !== null && securitySuites.length > 0) stanzas.push(stanza(archives.security, securitySuites, architecture));
  return stanzas.join("\n");
}
