import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LabError } from "../errors.ts";
import { maxLineBytes, QmpClient, QmpCommandError, toQmpJson, type QmpEvent } from "./qmp.ts";

const greeting = '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}}, "capabilities": []}}\r\n';
const wait = { deadlineMs: 2000 };

/** A QMP server whose behaviour a test writes line by line. */
class FakeQemu {
  readonly lines: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), "qmp-"));
  onCommand: (id: number, command: string, socket: Socket) => void = (id, _command, socket) => {
    socket.write(`{"return": {}, "id": ${id}}\r\n`);
  };
  onConnect: (socket: Socket) => void = (socket) => socket.write(greeting);
  private readonly server: Server;
  private readonly sockets: Socket[] = [];

  constructor() {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        for (const line of chunk.toString().split("\n").filter((text) => text !== "")) {
          this.lines.push(line);
          const id = Number(/"id":(\d+)/.exec(line)?.[1]);
          this.onCommand(id, /"execute":"([^"]*)"/.exec(line)?.[1] ?? "", socket);
        }
      });
      this.onConnect(socket);
    });
  }

  async connect(): Promise<Socket> {
    const path = join(this.folder, "q");
    if (!this.server.listening) await once(this.server.listen(path), "listening");
    const socket = connect(path);
    await once(socket, "connect");
    return socket;
  }

  async client(): Promise<QmpClient> {
    return QmpClient.open(await this.connect(), wait);
  }

  send(text: string): void {
    for (const socket of this.sockets) socket.write(text);
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}

let qemu: FakeQemu;
beforeEach(() => {
  qemu = new FakeQemu();
});
afterEach(() => qemu.end());

const failureOf = async (promise: Promise<unknown>): Promise<LabError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LabError);
  return error as LabError;
};

describe("the beginning", () => {
  test("capabilities are negotiated after the greeting", async () => {
    await qemu.client();
    expect(qemu.lines.map((line) => JSON.parse(line).execute)).toEqual(["qmp_capabilities"]);
  });

  test("nothing is sent before the greeting, and without one the deadline ends the wait", async () => {
    qemu.onConnect = () => {};
    const error = await failureOf(QmpClient.open(await qemu.connect(), { deadlineMs: 50 }));
    expect(error).toMatchObject({ kind: "lost", where: "the greeting" });
    expect(qemu.lines).toEqual([]);
  });

  test("a server that closes at once", async () => {
    qemu.onConnect = (socket) => socket.end();
    expect((await failureOf(QmpClient.open(await qemu.connect(), wait))).message).toContain("closed");
  });

  test("a server that is something else", async () => {
    qemu.onConnect = (socket) => socket.write("SSH-2.0-OpenSSH\r\n");
    const error = await failureOf(QmpClient.open(await qemu.connect(), wait));
    expect(error).toMatchObject({ kind: "host" });
    expect(error.message).toContain("SSH-2.0");
  });
});

describe("commands", () => {
  test("replies find their command, whatever their order and the chunks they come in", async () => {
    const client = await qemu.client();
    const ids: number[] = [];
    qemu.onCommand = (id, _command, socket) => {
      ids.push(id);
      if (ids.length < 2) return;
      const text = `{"return": "second", "id": ${ids[1]}}\r\n{"return": "fi\u{00FC}rst", "id": ${ids[0]}}\r\n`;
      for (const byte of Buffer.from(text)) socket.write(Buffer.from([byte]));
    };
    expect(await Promise.all([client.execute("a"), client.execute("b")])).toEqual(["fi\u{00FC}rst", "second"]);
  });

  test("a refusal carries QEMU's words", async () => {
    const client = await qemu.client();
    qemu.onCommand = (id, _command, socket) => {
      socket.write(`{"id": ${id}, "error": {"class": "DeviceNotFound", "desc": "Device 'x' not found"}}\r\n`);
    };
    const error = await failureOf(client.execute("device_del", { id: "x" }));
    expect(error).toBeInstanceOf(QmpCommandError);
    expect(error).toMatchObject({ errorClass: "DeviceNotFound" });
    expect(error.message).toContain("Device 'x' not found");
  });

  test("a reply after the deadline does not answer the next command", async () => {
    const client = await qemu.client();
    let lateId = 0;
    qemu.onCommand = (id, command, socket) => {
      if (command === "slow") lateId = id;
      else socket.write(`{"return": "late", "id": ${lateId}}\r\n{"return": "right", "id": ${id}}\r\n`);
    };
    expect(await failureOf(client.execute("slow", {}, { deadlineMs: 30 }))).toMatchObject({ kind: "lost" });
    expect(await client.execute("quick")).toBe("right");
  });

  test("an abort ends the wait, and one before the command keeps it from being sent", async () => {
    const client = await qemu.client();
    qemu.onCommand = () => {};
    const controller = new AbortController();
    const waiting = failureOf(client.execute("slow", {}, { signal: controller.signal }));
    controller.abort();
    expect((await waiting).message).toContain("asked to");
    await failureOf(client.execute("never", {}, { signal: controller.signal }));
    expect(qemu.lines.join()).not.toContain("never");
  });

  test("a connection that closes fails what waits and what comes later", async () => {
    const client = await qemu.client();
    qemu.onCommand = (_id, _command, socket) => socket.destroy();
    expect(await failureOf(client.execute("quit"))).toMatchObject({ kind: "lost" });
    expect(await failureOf(client.execute("stop"))).toMatchObject({ kind: "lost" });
  });

  test.each([
    ["bytes that are no JSON", "}{\r\n"],
    ["JSON that is no object", "[1]\r\n"],
    ["an error without an id", '{"error": {"class": "GenericError", "desc": "Invalid JSON syntax"}}\r\n'],
    ["a line without end", "x".repeat(maxLineBytes + 1)],
  ])("%s is not QMP", async (_, text) => {
    const client = await qemu.client();
    qemu.onCommand = () => qemu.send(text);
    expect((await failureOf(client.execute("stop"))).message).toContain("not QMP");
  });

  test("a reply to nobody is ignored", async () => {
    const client = await qemu.client();
    qemu.send('{"return": 1, "id": 999}\r\n');
    expect(await client.execute("stop")).toEqual({});
  });
});

describe("events", () => {
  test("reach listeners in order, between replies too", async () => {
    const client = await qemu.client();
    const seen: QmpEvent[] = [];
    const forget = client.onEvent((event) => seen.push(event));
    qemu.onCommand = (id, _command, socket) => {
      socket.write(`{"event": "STOP"}\r\n{"return": {}, "id": ${id}}\r\n{"event": "MIGRATION", "data": {"status": "completed"}}\r\n`);
    };
    const migration = client.nextEvent(["MIGRATION"], wait);
    await client.execute("stop");
    expect(await migration).toEqual({ name: "MIGRATION", data: { status: "completed" } });
    expect(seen.map((event) => event.name)).toEqual(["STOP", "MIGRATION"]);
    forget();
    await client.execute("stop");
    expect(seen.length).toBe(2);
  });

  test("an event that never comes ends by the deadline", async () => {
    const client = await qemu.client();
    expect((await failureOf(client.nextEvent(["RESUME"], { deadlineMs: 30 }))).message).toContain("RESUME");
  });
});

describe("numbers", () => {
  test("a bigint is written with all its digits", async () => {
    const client = await qemu.client();
    await client.execute("memsave", { val: -0x7fff_ffff_ffff_fff1n, size: 16, filename: "a \"b\"" });
    expect(qemu.lines.at(-1)).toContain('"val":-9223372036854775793,"size":16,"filename":"a \\"b\\""');
  });

  test("everything else is JSON as JSON.stringify writes it", () => {
    const value = { a: [1, -2.5, true, null, "é\n"], b: {}, c: [] };
    expect(toQmpJson(value)).toBe(JSON.stringify(value));
  });
});
