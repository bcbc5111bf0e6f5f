import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFrame, FrameReader } from "../protocol/frame.ts";
import { encodePayload, type Payload } from "../protocol/payload.ts";
import { ConsoleWatcher } from "./console-watch.ts";
import { GuestSession, type WirePosition } from "./guest.ts";
import type { MachineExit } from "./qemu/exit.ts";
import { WireLog } from "./wire-log.ts";

type Fields = Readonly<Record<string, string | number>>;

export const helloFields: Fields = { proto: 1, release: "6.12.0-fake", version: "v", machine: "x86_64", page: 4096, cpus: 1, memkb: 1_000_000 };

/** For tests: the guest's side of a real socket, which says whatever a test wants it to. */
export class FakeGuest {
  /** Called for each request that arrives whole. */
  onRequest: (payload: Payload, seq: number) => void = (_payload, seq) => this.done(seq);
  /** Lines of requests as they came. */
  readonly received: string[] = [];
  readonly watcher = new ConsoleWatcher();
  seq = 0;
  private readonly socket: Socket;
  private readonly end: (exit: MachineExit) => void;
  readonly exit: Promise<MachineExit>;

  constructor(socket: Socket) {
    this.socket = socket;
    let end: (exit: MachineExit) => void = () => {};
    this.exit = new Promise((resolve) => {
      end = resolve;
    });
    this.end = end;
    const reader = new FrameReader();
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      this.received.push(...chunk.toString("latin1").split("\n").filter((line) => line !== ""));
      for (const event of reader.push(chunk)) if (event.kind === "message") this.onRequest(event.payload, event.seq);
    });
  }

  say(verb: string, fields: Fields = {}): void {
    this.raw(encodeFrame(this.seq++, encodePayload(verb, fields)));
  }

  hello(): void {
    this.say("hello", helloFields);
  }

  done(seq: number, fields: Fields = {}): void {
    this.say("done", { seq, status: "ok", detail: "", errno: "", us: 1, sent: 1, ...fields });
  }

  raw(text: string): void {
    this.socket.write(text, "latin1");
  }

  print(text: string): void {
    this.watcher.push(Buffer.from(text));
  }

  /** QEMU ends. */
  die(exit: Partial<MachineExit> = {}): void {
    this.socket.destroy();
    this.end({ exitCode: 0, exitSignal: null, stderr: "", text: "ended with status 0", ...exit });
  }

  /** QEMU closes the port and hangs. */
  hangUp(): void {
    this.socket.destroy();
  }
}

export interface FakeConversation {
  readonly guest: FakeGuest;
  readonly session: GuestSession;
  readonly log: WireLog;
  readonly logPath: string;
  close(): Promise<void>;
}

/** A session with a fake guest over a unix socket, as QEMU would connect to it. */
export async function converse(options: { position?: WirePosition; signal?: AbortSignal } = {}): Promise<FakeConversation> {
  const folder = mkdtempSync(join(tmpdir(), "fake-guest-"));
  const path = join(folder, "wire");
  const server = createServer();
  const ours = new Promise<Socket>((resolve) => {
    server.once("connection", resolve);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  const guest = new FakeGuest(connect(path));
  const wire = await ours;
  const logPath = join(folder, "wire.log");
  const log = new WireLog(logPath);
  const session = new GuestSession({ wire, console: guest.watcher, exit: guest.exit, log, ...options });
  const close = async (): Promise<void> => {
    session.close();
    wire.destroy();
    guest.hangUp();
    server.close();
    await log.close();
    rmSync(folder, { recursive: true });
  };
  return { guest, session, log, logPath, close };
}
