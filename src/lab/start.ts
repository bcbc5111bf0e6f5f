import { copyFile } from "node:fs/promises";
import type { CancelSignal, LabEvents } from "../api/lab.ts";
import type { GuestMessage } from "../protocol/messages.ts";
import { hostCpuModel } from "./accelerator.ts";
import { LabError } from "./errors.ts";
import { GuestSession } from "./guest.ts";
import { diskPayload } from "../protocol/requests.ts";
import { guestDevices, type MachineDescription } from "./qemu/command.ts";
import { startMachine, type Machine } from "./qemu/machine.ts";
import { awaitLoaded } from "./qemu/migrate.ts";
import { stateKey, type Conversation, type SavedState, type StateStore } from "./warm.ts";
import { WireLog } from "./wire-log.ts";

/** A kernel with every debugging option, emulated on a busy host. One that takes longer is hung. */
const bootDeadlineMs = 60_000;

export interface StartRequest {
  readonly description: MachineDescription;
  readonly qemuVersion: string;
  readonly initramfsSha256: string;
  /** Sent in order after the hello; the guest is saved when all are answered. */
  readonly preparePayloads: readonly string[];
  readonly diskPath: string;
  readonly consoleLogPath: string;
  readonly wireLogPath: string;
  /** Null to boot whatever is saved, and to save nothing. */
  readonly store: StateStore | null;
  readonly signal?: CancelSignal | undefined;
  readonly progress?: LabEvents["progress"] | undefined;
  /** Reads the console along. */
  readonly onConsole?: ((bytes: Uint8Array) => void) | undefined;
}

/** A guest whose preparation is done, with its disks plugged in, waiting for its next request. */
export interface PreparedGuest {
  readonly machine: Machine;
  readonly session: GuestSession;
  readonly log: WireLog;
  readonly start: "restored" | "booted";
  /** The hello and the answers to the prepare requests, from this start or from when the state was saved. */
  readonly messages: readonly GuestMessage[];
  /** From starting QEMU to the agent's first message; null when restored. */
  readonly helloMs: number | null;
  /** From starting QEMU to the guest being ready. */
  readonly readyMs: number;
  /** What a person should know: a saved state that was not used, one that could not be saved. */
  readonly remarks: readonly string[];
}

interface Opened {
  readonly machine: Machine;
  readonly session: GuestSession;
  readonly log: WireLog;
}

async function open(request: StartRequest, saved: SavedState | null): Promise<Opened> {
  const { diskPath, consoleLogPath, signal, onConsole } = request;
  const machine = await startMachine(request.description, { diskPath, consoleLogPath, statePath: saved?.path, signal });
  if (onConsole !== undefined) machine.console.on("data", onConsole);
  const log = new WireLog(request.wireLogPath);
  const position = saved?.conversation.position;
  const session = new GuestSession({ wire: machine.wire, console: machine.watcher, exit: machine.exit, log, signal, position });
  return { machine, session, log };
}

async function discard({ machine, session, log }: Opened): Promise<void> {
  session.close();
  await machine.stop();
  await log.close();
}

/** Null with a reason when the state turned out to be of no use; then nothing of the attempt is left. */
async function restore(request: StartRequest, saved: SavedState): Promise<{ opened: Opened | null; remark: string }> {
  const { signal, consoleLogPath } = request;
  let opened: Opened | null = null;
  try {
    await copyFile(saved.consolePath, consoleLogPath);
    opened = await open(request, saved);
    const [isWhole] = await Promise.all([saved.isWhole(), awaitLoaded(opened.machine, signal)]);
    if (isWhole) return { opened, remark: "" };
    await discard(opened);
    return { opened: null, remark: "the saved state was not used: its content is damaged" };
  } catch (error) {
    if (opened !== null) await discard(opened);
    if (signal?.aborted === true || (error instanceof LabError && error.kind === "lost")) throw error;
    return { opened: null, remark: `the saved state was not used: ${error instanceof LabError ? error.what : String(error)}` };
  }
}

function greet(session: GuestSession, request: StartRequest): Promise<GuestMessage> {
  request.progress?.("boot", "waiting for the agent");
  return session.awaitHello(bootDeadlineMs);
}

async function prepare(session: GuestSession, request: StartRequest): Promise<GuestMessage[]> {
  const messages: GuestMessage[] = [];
  for (const payload of request.preparePayloads) {
    const verb = payload.split(" ")[0] ?? "";
    request.progress?.("prepare", verb);
    const answer = await session.request(payload);
    if (answer.done.status === "failed") {
      throw new LabError("invalid", { what: `the guest could not be prepared: ${answer.done.detail}`, where: verb });
    }
    messages.push(...answer.messages);
  }
  return messages;
}

/** Saves a prepared guest, which stands still afterwards. Not being able to is no reason to end the run: it is remarked. */
async function save(
  { machine, session }: Opened,
  store: StateStore,
  key: string,
  made: Pick<Conversation, "messages" | "preparedMs">,
  { progress, signal, consoleLogPath }: StartRequest,
): Promise<string | null> {
  progress?.("save", "the guest's state");
  await machine.qmp.execute("stop", {}, { signal });
  try {
    await store.save(key, machine, { ...made, position: session.position }, consoleLogPath, signal);
    return null;
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof LabError) || error.kind === "lost") throw error;
    return error.message;
  }
}

/**
 * Brings a guest to where its first step can begin: from a saved state that fits, else by booting and
 * preparing it, after which its state is saved for the next run.
 *
 * @throws GuestError or LabError; no QEMU is left then
 */
export async function startPreparedGuest(request: StartRequest): Promise<PreparedGuest> {
  const { description, store, signal } = request;
  const hostCpu = description.accelerator === "kvm" ? hostCpuModel() : "";
  const key = stateKey({ ...request, hostCpu });
  const lookup = store === null ? { state: null, remark: null } : await store.find(key);
  const remarks = lookup.remark === null ? [] : [lookup.remark];
  const { state } = lookup;

  let startedAtMs = performance.now();
  if (state !== null) {
    request.progress?.("restore", "loading the saved state");
    const { opened, remark } = await restore(request, state);
    if (opened !== null) {
      const disk = await orDiscard(opened, () => letGo(opened, signal));
      return { ...opened, start: "restored", messages: [...state.conversation.messages, ...disk], helloMs: null, readyMs: sinceMs(startedAtMs), remarks };
    }
    remarks.push(remark);
    await store?.remove(key);
  }

  startedAtMs = performance.now();
  const opened = await open(request, null);
  return orDiscard(opened, async () => {
    const hello = await greet(opened.session, request);
    const helloMs = sinceMs(startedAtMs);
    const messages = [hello, ...(await prepare(opened.session, request))];
    if (store !== null) {
      const remark = await save(opened, store, key, { messages, preparedMs: sinceMs(startedAtMs) }, request);
      if (remark !== null) remarks.push(remark);
    }
    const disk = await letGo(opened, signal);
    return { ...opened, start: "booted", messages: [...messages, ...disk], helloMs, readyMs: sinceMs(startedAtMs), remarks };
  });
}

const sinceMs = (startedAtMs: number): number => Math.round(performance.now() - startedAtMs);

async function orDiscard<Value>(opened: Opened, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    await discard(opened);
    throw error;
  }
}

/**
 * Lets the guest run (it may run already), plugs the disks in and has the guest find them: while a guest stands still after
 * a save QEMU holds its disks closed. Returns what the guest said of them.
 */
async function letGo({ machine, session }: Opened, signal: CancelSignal | undefined): Promise<readonly GuestMessage[]> {
  await machine.qmp.execute("cont", {}, { signal });
  await machine.plugDisks();
  const messages: GuestMessage[] = [];
  for (const [number, { device, serial }] of guestDevices(machine.description.devices).entries()) {
    messages.push(...(await session.request(diskPayload(number, device, serial))).messages);
  }
  return messages;
}
