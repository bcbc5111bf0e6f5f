import { rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { CancelSignal } from "../../api/lab.ts";
import { LabError } from "../errors.ts";
import { shellQuote } from "./command.ts";
import type { Machine } from "./machine.ts";

/** Saving takes a tenth of a second per 100 MB on an idle host; a disk that is slow takes longer. */
const saveDeadlineMs = 30_000;
const loadDeadlineMs = 20_000;
/** The last bytes go through a pipe. */
const flushDeadlineMs = 5000;
const pollMs = 4;
/** QEMU holds back to 1 Gbit/s unless told otherwise; this is more than any host can do. */
const maxBandwidthBytes = 2n ** 40n;

interface MigrationStatus {
  readonly status?: string;
  readonly "error-desc"?: string;
  readonly "blocked-reasons"?: readonly string[];
}

function notSaved(path: string, why: string, cause?: unknown): LabError {
  const next = "Make room in the cache folder, or point XDG_CACHE_HOME to another one.";
  return new LabError("host", { what: `the guest's state was not saved: ${why}`, where: path, next }, { cause });
}

async function poll(signal: CancelSignal | undefined, deadlineMs: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < deadlineMs) {
    if (signal?.aborted === true) throw new LabError("host", { what: "stopped because it was asked to", where: "saved state" });
    if (await isDone()) return true;
    await sleep(pollMs);
  }
  return false;
}

async function migrationEnd(machine: Machine): Promise<MigrationStatus | null> {
  const status = (await machine.qmp.execute("query-migrate")) as MigrationStatus;
  const blocked = (status["blocked-reasons"] ?? []).length > 0;
  return blocked || ["completed", "failed", "cancelled"].includes(status.status ?? "") ? status : null;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Writes the whole state of a guest to a file. The guest stands still when this begins, and is left so.
 *
 * @throws LabError `host` when the file could not be written to its end; nothing is left of it then
 */
export async function saveState(machine: Machine, path: string, signal?: CancelSignal): Promise<void> {
  // QEMU calls the migration completed when it has handed over the last byte, written or not: one of these
  // files, both empty, says how `cat` ended.
  const [wholePath, cutPath] = [`${path}.whole`, `${path}.cut`];
  const script = `if cat > ${shellQuote(path)}; then : > ${shellQuote(wholePath)}; else : > ${shellQuote(cutPath)}; fi`;
  try {
    await machine.qmp.execute("migrate-set-parameters", { "max-bandwidth": maxBandwidthBytes });
    await machine.qmp.execute("migrate", { uri: `exec:${script}` });
    let end: MigrationStatus | null = null;
    const ended = await poll(signal, saveDeadlineMs, async () => (end = await migrationEnd(machine)) !== null);
    if (!ended) throw notSaved(path, `it took more than ${saveDeadlineMs / 1000} s`);
    const { status, ...reasons } = end as unknown as MigrationStatus;
    if (status !== "completed") throw notSaved(path, reasons["error-desc"] ?? reasons["blocked-reasons"]?.join("; ") ?? `the migration ${status}`);
    await poll(signal, flushDeadlineMs, async () => (await exists(wholePath)) || (await exists(cutPath)));
    if (!(await exists(wholePath))) throw notSaved(path, "not all of it could be written");
    await rm(wholePath, { force: true });
  } catch (error) {
    await Promise.all([path, wholePath, cutPath].map((file) => rm(file, { force: true })));
    throw error;
  }
}

/**
 * Waits until a machine that was started with a saved state has loaded it. It stands still then.
 *
 * @throws LabError `host` when the state does not fit the machine: QEMU has ended then
 */
export async function awaitLoaded(machine: Machine, signal?: CancelSignal): Promise<void> {
  const where = "saved state";
  try {
    const loaded = await poll(signal, loadDeadlineMs, async () => {
      const { status } = (await machine.qmp.execute("query-status")) as { status: string };
      return status !== "inmigrate";
    });
    if (!loaded) throw new LabError("host", { what: `QEMU did not load it within ${loadDeadlineMs / 1000} s`, where });
  } catch (error) {
    if (!(error instanceof LabError) || error.kind !== "lost") throw error;
    const exit = await Promise.race([machine.exit, sleep(1000, null)]);
    const said = exit === null || exit.stderr === "" ? "QEMU ended while loading it" : exit.stderr.split("\n").slice(-2).join("; ");
    throw new LabError("host", { what: said, where }, { cause: error });
  }
}
