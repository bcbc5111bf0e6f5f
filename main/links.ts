import { parseAddress } from "./address.ts";

/** Pages that may be opened in the person's browser: where the kernel's source, its documents and its lists are. */
const hosts: ReadonlySet<string> = new Set(["docs.kernel.org", "git.kernel.org", "lore.kernel.org", "www.kernel.org"]);

/** True for an address that may be handed to the desktop. Anything else could start a program there. */
export function isAllowedLink(address: string): boolean {
  // A browser drops control characters from an address, so that two readers see two addresses.
  if (/[\u0000-\u0020\u007f]/.test(address)) return false;
  const url = parseAddress(address);
  return url !== null && url.protocol === "https:" && url.port === "" && url.username === "" && url.password === "" && hosts.has(url.hostname);
}
