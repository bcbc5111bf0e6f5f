import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Client, connectClient } from "../../src/api/client.ts";
import { defaultMemoryMb } from "../../src/api/request.ts";
import { type SocketLike, socketTransport } from "../../src/api/socket-transport.ts";
import { type RunningCommand, startCommand } from "./command-line.ts";
import { writeLongWorkload } from "./long-workload.ts";
import { useOwnFolder } from "./places.ts";
import { childrenOf, isRunning, qemusOf, until } from "./processes.ts";

/** A guest that a browser has started: it does not outlive the browser's connection, the server, or the lab's process. */

const folder = useOwnFolder();
const workload = join(folder, "long.toml");
const endDeadlineMs = 15_000;

beforeAll(async () => writeLongWorkload(workload));

interface Served {
  readonly server: RunningCommand;
  readonly client: Client;
  readonly labPid: number;
  readonly qemu: number;
  /** How the run ended. */
  readonly outcome: Promise<string>;
}

/** A server with a browser whose run has come to its first op. */
async function serveAndRun(): Promise<Served> {
  const server = startCommand(["serve"]);
  onTestFinished(() => {
    if (isRunning(server.pid)) process.kill(server.pid, "SIGKILL");
  });
  const url = new URL(await until("the address", () => /http:\/\/\S+token=\S{43}/.exec(server.stderr())?.[0]));
  const cookie = (await fetch(url)).headers.get("set-cookie")?.split(";")[0] ?? "";
  const socket = new WebSocket(`ws://${url.host}/api`, { headers: { cookie, origin: url.origin } });
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  const client = connectClient(socketTransport(socket as unknown as SocketLike));
  let outcome: Promise<string> = Promise.resolve("");
  const run = { experiment: workload, kernel: "6.12", memoryMb: defaultMemoryMb, cold: false, set: {} };
  await new Promise<void>((resolve, reject) => {
    outcome = client.call("run", { run, keepGuest: false }, { onProgress: (event) => event.kind === "step" && resolve() }).then(
      ({ result }) => result.verdict,
      (error: { kind: string }) => error.kind,
    );
    void outcome.then((how) => reject(new Error(`the run ended before its first step: ${how}`)));
  });
  const labPid = childrenOf(server.pid, "node")[0]!;
  const [qemu] = qemusOf(labPid);
  expect(qemu).toBeGreaterThan(0);
  return { server, client, labPid, qemu: qemu!, outcome };
}

const gone = async (pid: number): Promise<boolean> => until(`the end of process ${pid}`, () => (isRunning(pid) ? undefined : true), endDeadlineMs);

test("goes with the browser's connection; the server goes on", async () => {
  const { server, client, qemu, outcome, labPid } = await serveAndRun();
  client.close();
  expect(await outcome).toBe("disconnected");
  expect(await gone(qemu)).toBe(true);
  expect([isRunning(server.pid), isRunning(labPid)]).toEqual([true, true]);
});

test("goes with the server at Ctrl-C", async () => {
  const { server, client, qemu, labPid } = await serveAndRun();
  process.kill(server.pid, "SIGINT");
  expect((await server.ended).exitCode).toBe(130);
  expect(await client.closed).toBe("the server ends");
  expect([await gone(labPid), await gone(qemu)]).toEqual([true, true]);
});

test("goes with a server that is killed outright", async () => {
  const { server, qemu, labPid } = await serveAndRun();
  process.kill(server.pid, "SIGKILL");
  expect([await gone(labPid), await gone(qemu)]).toEqual([true, true]);
});

test("goes with the lab's process, and the server says so and ends", async () => {
  const { server, qemu, labPid, outcome } = await serveAndRun();
  process.kill(labPid, "SIGKILL");
  expect(await gone(qemu)).toBe(true);
  const ended = await server.ended;
  expect([ended.exitCode, ended.stderr]).toEqual([125, expect.stringContaining("the lab's process ended (SIGKILL)")]);
  expect(await outcome).toBe("disconnected");
});
