import { gunzipSync } from "node:zlib";

/** Reads a kernel configuration: `CONFIG_X=value` lines and `# CONFIG_X is not set`, which counts as n. */
export function parseConfig(text: string): Map<string, string> {
  const config = new Map<string, string>();
  for (const line of text.split("\n")) {
    const set = /^(CONFIG_\w+)=(.*)$/.exec(line);
    if (set !== null) {
      config.set(set[1] ?? "", (set[2] ?? "").replace(/^"(.*)"$/, "$1"));
      continue;
    }
    const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
    if (unset !== null) config.set(unset[1] ?? "", "n");
  }
  return config;
}

const startMark = Buffer.from("IKCFG_ST");
const endMark = Buffer.from("IKCFG_ED");
/** A configuration is some 300 kB. */
const maxConfigBytes = 16 * 1024 * 1024;

/** The configuration built into a kernel (CONFIG_IKCONFIG=y), as text; null when there is none. */
export function embeddedConfig(image: Buffer): string | null {
  for (let start = image.indexOf(startMark); start >= 0; start = image.indexOf(startMark, start + 1)) {
    const end = image.indexOf(endMark, start);
    if (end < 0) return null;
    try {
      return gunzipSync(image.subarray(start + startMark.length, end), { maxOutputLength: maxConfigBytes }).toString("utf8");
    } catch {
      // The mark's name alone, as it also stands in the kernel's own strings.
    }
  }
  return null;
}

/** The release in a kernel's version banner, "Linux version 6.1.0 (…": "" when there is none. */
export function bannerRelease(image: Buffer): string {
  const banner = Buffer.from("Linux version ");
  for (let at = image.indexOf(banner); at >= 0; at = image.indexOf(banner, at + 1)) {
    const match = /^(\d[^\s(%]*) \(/.exec(image.toString("latin1", at + banner.length, at + banner.length + 200));
    if (match !== null) return match[1] ?? "";
  }
  return "";
}
