import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CancelSignal } from "../api/lab.ts";
import type { GuestMessage } from "../protocol/messages.ts";
import { LabError } from "./errors.ts";
import type { WirePosition } from "./guest.ts";
import { cacheDir } from "./paths.ts";
import { machineIdentity, type MachineDescription } from "./qemu/command.ts";
import type { Machine } from "./qemu/machine.ts";
import { saveState } from "./qemu/migrate.ts";

/** Changes when a state of an older lab would be misread. */
const formatVersion = 1;

/** Everything that a saved state depends on. */
export interface StateIngredients {
  readonly description: MachineDescription;
  readonly qemuVersion: string;
  readonly initramfsSha256: string;
  /** The requests that were answered before the state was saved, in order. */
  readonly preparePayloads: readonly string[];
  /** With KVM the guest sees the host's processor; empty with TCG. */
  readonly hostCpu: string;
}

/** The name of the state that fits: equal ingredients give equal names. */
export function stateKey(ingredients: StateIngredients): string {
  const { description, qemuVersion, initramfsSha256, preparePayloads, hostCpu } = ingredients;
  const parts = [formatVersion, qemuVersion, machineIdentity(description), description.kernel.sha256, initramfsSha256, preparePayloads, hostCpu];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}

/** What the guest has said so far, and where the wire stands. */
export interface Conversation {
  readonly position: WirePosition;
  /** The hello and the answers to the prepare requests, in order. They hold no maps. */
  readonly messages: readonly GuestMessage[];
  /** How long boot and preparation took when the state was made. */
  readonly preparedMs: number;
}

interface StateRecord extends Conversation {
  readonly key: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** A state that fits. Its bytes are not yet checked: see `isWhole`. */
export interface SavedState {
  readonly key: string;
  readonly path: string;
  /** The console as it was when the state was saved. */
  readonly consolePath: string;
  readonly conversation: Conversation;
  /** Reads the state and compares it with its checksum; may go on while QEMU loads it. */
  isWhole(): Promise<boolean>;
}

export interface Lookup {
  readonly state: SavedState | null;
  /** Why a state that was there cannot be used; null when there was none or it can. */
  readonly remark: string | null;
}

const stateName = "state";
const recordName = "state.json";
const consoleName = "console.log";
const partialPrefix = ".partial-";
/** Nobody works on a partial state for so long: who began it is dead. */
const partialMaxAgeMs = 3600_000;
const readBytes = 1024 * 1024;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

async function fileSha256(path: string, signal?: CancelSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) {
    if (signal?.aborted === true) throw new LabError("host", { what: "stopped because it was asked to", where: path });
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

/** The record and a checksum over it, so that a damaged one is not believed. */
const sealRecord = (record: StateRecord): string => JSON.stringify({ sha256: sha256(JSON.stringify(record)), record });

function openRecord(text: string, key: string): StateRecord | null {
  try {
    const sealed = JSON.parse(text) as { sha256?: unknown; record?: StateRecord };
    const { record } = sealed;
    if (record === undefined || sealed.sha256 !== sha256(JSON.stringify(record))) return null;
    return record.key === key ? record : null;
  } catch {
    return null;
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

export interface StateLimits {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** Guests that were saved ready for their first step. A cache: losing it costs a boot, never a result. */
export class StateStore {
  private readonly folder: string;
  private readonly limits: StateLimits;

  constructor(folder: string = join(cacheDir(), "states"), limits: StateLimits = { maxCount: 12, maxBytes: 2 * 1024 ** 3 }) {
    this.folder = folder;
    this.limits = limits;
  }

  /** The state with this key, marked as used now. One that is damaged is removed. Never rejects. */
  async find(key: string): Promise<Lookup> {
    const folder = join(this.folder, key);
    try {
      const text = await readFile(join(folder, recordName), "utf8");
      const path = join(folder, stateName);
      const [{ size }] = await Promise.all([stat(path), stat(join(folder, consoleName))]);
      const record = openRecord(text, key);
      if (record === null) return await this.reject(key, "its record is damaged");
      if (record.sizeBytes !== size) return await this.reject(key, `it has ${size} bytes in place of ${record.sizeBytes}`);
      const now = new Date();
      await utimes(join(folder, recordName), now, now).catch(() => {});
      const isWhole = async (): Promise<boolean> => (await fileSha256(path).catch(() => "")) === record.sha256;
      return { state: { key, path, consolePath: join(folder, consoleName), conversation: record, isWhole }, remark: null };
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return { state: null, remark: `the saved state cannot be read (${codeOf(error)})` };
      const remains = await stat(folder).catch(() => null);
      return remains === null ? { state: null, remark: null } : this.reject(key, "a part of it is missing");
    }
  }

  private async reject(key: string, why: string): Promise<Lookup> {
    await this.remove(key);
    return { state: null, remark: `the saved state was not used: ${why}` };
  }

  /** Removes a state. A guest that is loading it keeps the file open and is not disturbed. */
  async remove(key: string): Promise<void> {
    // Renamed first, so that nobody finds half of it.
    const trash = join(this.folder, `${partialPrefix}trash-${key}-${process.pid}`);
    await rename(join(this.folder, key), trash).catch(() => {});
    await rm(trash, { recursive: true, force: true }).catch(() => {});
  }

  /**
   * Saves a guest that stands still. It stands still afterwards too.
   *
   * @throws LabError `host` when the cache cannot be written or is full; nothing of the state is left then
   */
  async save(key: string, machine: Machine, conversation: Conversation, consoleLogPath: string, signal?: CancelSignal): Promise<void> {
    let partial = "";
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      partial = await mkdtemp(join(this.folder, partialPrefix));
      const path = join(partial, stateName);
      await saveState(machine, path, signal);
      await copyFile(consoleLogPath, join(partial, consoleName));
      const { position, messages, preparedMs } = conversation;
      const record: StateRecord = { key, position, messages, preparedMs, sizeBytes: (await stat(path)).size, sha256: await fileSha256(path, signal) };
      await writeFile(join(partial, recordName), sealRecord(record));
      await rename(partial, join(this.folder, key)).catch((error: unknown) => {
        // Another run was quicker with the same state.
        if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) throw error;
      });
    } catch (error) {
      if (error instanceof LabError) throw error;
      const next = "Make room in the cache folder, or point XDG_CACHE_HOME to another one.";
      throw new LabError("host", { what: `the guest's state was not saved (${codeOf(error)})`, where: this.folder, next }, { cause: error });
    } finally {
      if (partial !== "") await rm(partial, { recursive: true, force: true }).catch(() => {});
    }
    await this.prune(key);
  }

  /** Removes the states that were not used for longest until the rest is within the limits; never the one named. */
  async prune(keep: string): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    await Promise.all(names.filter((name) => name.startsWith(partialPrefix)).map((name) => this.removeOldPartial(name)));
    const found = await Promise.all(names.filter((name) => !name.startsWith(".")).map((name) => this.measure(name)));
    const newestFirst = found.toSorted((a, b) => Number(b.name === keep) - Number(a.name === keep) || b.usedAtMs - a.usedAtMs);
    let totalBytes = 0;
    for (const [index, { name, sizeBytes }] of newestFirst.entries()) {
      totalBytes += sizeBytes;
      if (name !== keep && (index >= this.limits.maxCount || totalBytes > this.limits.maxBytes)) await this.remove(name);
    }
  }

  private async measure(name: string): Promise<{ name: string; usedAtMs: number; sizeBytes: number }> {
    const folder = join(this.folder, name);
    const [record, state] = await Promise.all([recordName, stateName].map((file) => stat(join(folder, file)).catch(() => null)));
    return { name, usedAtMs: record?.mtimeMs ?? 0, sizeBytes: state?.size ?? 0 };
  }

  private async removeOldPartial(name: string): Promise<void> {
    const path = join(this.folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > partialMaxAgeMs) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
