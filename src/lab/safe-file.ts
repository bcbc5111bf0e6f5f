import { randomUUID } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { writeSynced } from "./bundle-files.ts";
import { LabError } from "./errors.ts";

/** Writes a whole file or nothing: whoever reads it meanwhile has the old one. Throws a `host` LabError naming the path. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(fresh, content);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    const what = error instanceof LabError ? error.what : String(error);
    throw new LabError("host", { what, where: path, next: "What was there before is as it was." }, { cause: error });
  }
}
