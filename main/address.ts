import { appOrigin } from "./names.ts";

/** Null for what is no address. */
export function parseAddress(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** True for addresses in the window's own scheme and host, without a port or a user. */
export function isOwnAddress(address: string): boolean {
  const url = parseAddress(address);
  return url !== null && `${url.protocol}//${url.host}` === appOrigin && url.username === "" && url.password === "";
}
