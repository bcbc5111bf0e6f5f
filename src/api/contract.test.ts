import { expect, test } from "vitest";
import { fakeLab } from "../../test/fake-lab.ts";
import type { TourStop } from "../workload/tour-stop.ts";
import { callForBytes, connectClient, type Client } from "./client.ts";
import { calls, contractVersion, type CallName, type InputCallName } from "./contract.ts";
import { ApiError } from "./failure.ts";
import { handlers } from "./handlers.ts";
import type { Lab, RunRequest } from "./lab.ts";
import { chunkBytesMax } from "./message.ts";
import { defaultSettings } from "./settings.ts";
import { createService, type Service } from "./service.ts";
import { transportPair, type Transport } from "./transport.ts";

const request: RunRequest = { experiment: "brim", kernel: "6.1", memoryMb: 1024, cold: false, set: { rounds: "4" } };
const job = { run: request, keepGuest: false };
const guestFields = { memoryMb: 1024, cold: false };

/** Requests that fit, one for each call. */
const samples: { readonly [Name in CallName]: object } = {
  about: {},
  run: job,
  runProgram: { program: "./my_test", args: ["-v"], files: [], folder: "/home/me", timeoutMs: 60_000, kernel: "6.12", ...guestFields },
  matrix: { kernels: [], experiments: ["brim"], ...guestFields },
  whoCatches: { kernels: ["6.1"], experiments: [], ...guestFields },
  compare: { a: "6.1", b: "6.12", set: {}, runCount: 5, ...guestFields },
  dryRun: request,
  designs: {},
  measureDesigns: { kernels: ["6.12"], fetch: false, ...guestFields },
  "races.list": {},
  race: { scenario: "swapoff", switches: { rcu: true, caller: "shmem" }, stateLimit: 1000, deadlineMs: 10_000 },
  raceMutants: {},
  console: { kernel: "6.12", ...guestFields },
  "tour.stops": {},
  "tour.visit": { stop: "1", kernels: [], ...guestFields },
  "experiments.list": {},
  "experiments.read": { name: "brim" },
  "experiments.check": { text: "name =" },
  "experiments.save": { name: "mine", text: "", mayReplace: false },
  "experiments.remove": { name: "mine" },
  "runs.rename": { run: "2026-11-23-1", label: "the first" },
  "runs.remove": { run: "2026-11-23-1" },
  "runs.restore": { run: "2026-11-23-1" },
  "runs.export": { run: "2026-11-23-1", format: "archive" },
  "runs.import": { path: null },
  "settings.read": {},
  "settings.write": defaultSettings,
  "runs.list": { newestCount: 20 },
  "runs.open": { run: "2026-11-23-1" },
  "runs.file": { run: "2026-11-23-1", file: "console.log", fromByte: 0, byteCount: 100 },
  "kernels.list": {},
  "kernels.fetch": { series: "6.18" },
  doctor: {},
};

const stop: TourStop = { number: 1, name: "first", title: "t", asked: ["a"], explained: [], runs: [], races: [], comparisons: [], designs: [], cards: [] };

interface Joined {
  readonly client: Client;
  readonly service: Service;
}

function join(answers: Partial<Lab> = {}): Joined {
  const [face, lab] = transportPair();
  const service = createService({ lab: fakeLab(answers), later: (callback, delayMs) => void setTimeout(callback, delayMs) });
  service.connect(lab);
  return { client: connectClient(face), service };
}

/** The lab's end of a connection, with a face that keeps to nothing. */
function joinRaw(answers: Partial<Lab> = {}): { face: Transport; said: object[]; closed: string[] } {
  const [face, lab] = transportPair();
  createService({ lab: fakeLab(answers), later: (callback, delayMs) => void setTimeout(callback, delayMs) }).connect(lab);
  const said: object[] = [];
  const closed: string[] = [];
  face.receive({ message: (message) => said.push(message as object), closed: (why) => closed.push(why) });
  return { face, said, closed };
}

const settled = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test.each(Object.keys(calls) as CallName[])("%s goes to the lab and comes back whole", async (name) => {
  const { client } = join({ visitStop: async () => ({ stop, verdict: "pass", runs: [], races: [], comparisons: [], designs: null, isComplete: true }) });
  expect(handlers[name]).toBeTypeOf("function");
  const call = client.start(name as InputCallName, samples[name] as never);
  // A console is left when its input ends; others do not look.
  call.endInput();
  expect(await call.done).toBeTypeOf("object");
});

test("what the lab can do a face can ask", async () => {
  const asked = new Set<string | symbol>();
  const lab = new Proxy(fakeLab({ visitStop: async () => ({ stop, verdict: "pass", runs: [], races: [], comparisons: [], designs: null, isComplete: true }) }), {
    get: (target, name) => {
      asked.add(name);
      return Reflect.get(target, name) as unknown;
    },
  });
  const [face, other] = transportPair();
  createService({ lab, later: (callback) => void setTimeout(callback) }).connect(other);
  const client = connectClient(face);
  for (const name of Object.keys(calls) as CallName[]) {
    const call = client.start(name as InputCallName, samples[name] as never);
    call.endInput();
    await call.done;
  }
  // What the fake remembers is no part of the lab.
  const methods = Object.entries(fakeLab()).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
  expect(methods.filter((name) => !asked.has(name))).toEqual([]);
});

test("a face learns first which contract the lab keeps to", async () => {
  expect(await join().client.call("about", {})).toEqual({ contractVersion });
});

test("a run tells its stages, its steps and its console, and replies with the result", async () => {
  const reading = { usedKb: 64, vmstat: { pswpout: 16 }, gauges: {}, folioStats: { 64: { swpout: 1 } }, calls: { folio_alloc_swap: 1 } };
  const step = { index: 1, op: "pageout", text: "pageout a", atMs: 12, durationMs: 3, model: reading, kernel: reading, map: Uint8Array.of(1, 2) };
  const base = fakeLab();
  const { client } = join({
    run: async (asked, task) => {
      task.progress("kernel", "6.1", { doneBytes: 5, totalBytes: 10 });
      task.onStep?.(step);
      task.onConsole?.(new TextEncoder().encode("a"));
      task.onConsole?.(new TextEncoder().encode("b"));
      return base.run(asked, { signal: task.signal, progress: task.progress });
    },
  });
  const progress: object[] = [];
  let console = "";
  const outcome = await client.call("run", job, {
    onProgress: (event) => progress.push(event),
    onOutput: (bytes) => void (console += new TextDecoder().decode(bytes)),
  });
  expect(outcome.result.verdict).toBe("pass");
  expect(base.runRequests).toEqual([request]);
  expect(progress[0]).toEqual({ kind: "stage", stage: "kernel", detail: "6.1", amount: { doneBytes: 5, totalBytes: 10 } });
  expect(progress[1]).toEqual({ kind: "step", ...step });
  expect(console).toBe("ab");
});

test("a guest that is kept has its verdict told first, and is left when its input ends", async () => {
  const typed: string[] = [];
  const base = fakeLab();
  const { client } = join({
    run: async (asked, { signal, progress, onReady }) =>
      base.run(asked, {
        signal,
        progress,
        ...(onReady !== undefined && {
          onReady: async (outcome, _guest) =>
            onReady(outcome, {
              attach: async (terminal) => {
                for await (const bytes of terminal.input) typed.push(new TextDecoder().decode(bytes));
              },
            }),
        }),
      }),
  });
  const kinds: string[] = [];
  const shell = client.start("run", { ...job, keepGuest: true }, {
    onProgress: (event) => {
      kinds.push(event.kind);
      if (event.kind !== "ready") return;
      expect(event.outcome.result.verdict).toBe("pass");
      void shell.send(new TextEncoder().encode("ls\n")).then(() => shell.endInput());
    },
  });
  expect((await shell.done).result.verdict).toBe("pass");
  expect(kinds.at(-1)).toBe("ready");
  expect(typed).toEqual(["ls\n"]);
});

test("a file of a bundle comes whole, however long it is", async () => {
  const file = Uint8Array.from({ length: 3_000_000 }, (_, index) => index * 7);
  const { client } = join({ readRunFile: async () => ({ bytes: file, sizeBytes: 5_000_000 }) });
  const { reply, bytes } = await callForBytes(client, "runs.file", samples["runs.file"] as never);
  expect(reply).toEqual({ sizeBytes: 5_000_000 });
  expect(Buffer.from(bytes).equals(file)).toBe(true);
});

test("a file goes to the lab whole, no faster than the lab takes it", async () => {
  const file = Uint8Array.from({ length: 2_000_000 }, (_, index) => index * 11);
  const taken: (Uint8Array | string)[] = [];
  const { client } = join({
    importRun: async (from) => {
      taken.push(from);
      return { ok: false, name: "2026-11-23-3", label: "", problem: "x" };
    },
  });
  const call = client.start("runs.import", { path: null });
  await call.send(file);
  call.endInput();
  expect(await call.done).toMatchObject({ name: "2026-11-23-3" });
  expect(Buffer.from(taken[0] as Uint8Array).equals(file)).toBe(true);
});

test("a call that is stopped sends nothing more of a file", async () => {
  const { face, said } = joinRaw({ readRunFile: async () => ({ bytes: new Uint8Array(5_000_000), sizeBytes: 5_000_000 }) });
  face.send({ type: "call", id: 1, name: "runs.file", request: samples["runs.file"] });
  await settled();
  const before = said.length;
  face.send({ type: "stop", id: 1 });
  await settled();
  expect(said.slice(before).map((message) => (message as { type: string }).type)).toEqual(["failed"]);
});

test("a face that sends more than was acknowledged loses its call", async () => {
  const { face, said } = joinRaw({ console: async (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))) });
  face.send({ type: "call", id: 1, name: "console", request: samples.console });
  for (let chunk = 0; chunk < 8; chunk++) face.send({ type: "input", id: 1, bytes: new Uint8Array(chunkBytesMax) });
  await settled();
  expect(said).toMatchObject([{ type: "failed", failure: { kind: "stopped", what: "more input than was acknowledged" } }]);
});

test.each([
  ["a field that is missing", { ...request, kernel: undefined }, "run.run.kernel"],
  ["a value of another kind", { ...request, memoryMb: "much" }, "run.run.memoryMb"],
  ["a number out of bounds", { ...request, cpus: 900 }, "run.run.cpus"],
  ["a field that there is not", { ...request, shell: "rm" }, "run.run.shell"],
  ["a text without end", { ...request, experiment: "x".repeat(5000) }, "run.run.experiment"],
])("%s is refused by name, at both ends", async (_, run, where) => {
  const lab = fakeLab();
  const { client } = join(lab);
  const error = await failure(client.call("run", { run, keepGuest: false } as never));
  expect([error.kind, error.where]).toEqual(["refused", where]);

  const { face, said } = joinRaw(lab);
  face.send({ type: "call", id: 1, name: "run", request: { run, keepGuest: false } });
  await settled();
  expect(said).toMatchObject([{ type: "failed", id: 1, failure: { kind: "refused", where } }]);
  expect(lab.runRequests).toEqual([]);
});

test.each(["reboot", "toString", "__proto__", "constructor"])("there is no call %s", async (name) => {
  const { face, said } = joinRaw();
  face.send({ type: "call", id: 1, name, request: {} });
  await settled();
  expect(said).toMatchObject([{ type: "failed", id: 1, failure: { kind: "refused", where: name, what: "there is no such call" } }]);
});

test.each([
  ["what is no message", { type: "hello" }],
  ["no object", "call"],
  ["a chunk without end", { type: "input", id: 1, bytes: new Uint8Array(chunkBytesMax + 1) }],
  ["a message with more in it", { type: "stop", id: 1, why: "so" }],
])("a connection that carries %s is ended", async (_, message) => {
  const { face, closed } = joinRaw();
  face.send(message as object);
  await settled();
  expect(closed).toHaveLength(1);
});

test("the number of a call is used once at a time, and there are not more calls than there may be", async () => {
  const never = async (): Promise<never> => new Promise(() => undefined);
  const many = joinRaw({ doctor: never });
  for (let id = 1; id <= 70; id++) many.face.send({ type: "call", id, name: "doctor", request: {} });
  await settled();
  expect(many.said).toHaveLength(6);
  expect(many.said[0]).toMatchObject({ type: "failed", id: 65, failure: { kind: "refused" } });
  many.face.send({ type: "call", id: 1, name: "doctor", request: {} });
  await settled();
  expect(many.closed).toEqual(["call 1 is under way already"]);
});

test("a stop reaches the lab, and the call ends as stopped", async () => {
  const { client } = join({
    doctor: async ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("killed")), { once: true });
      }),
  });
  const controller = new AbortController();
  const done = failure(client.call("doctor", {}, { signal: controller.signal }));
  await settled();
  controller.abort();
  expect(await done).toMatchObject({ kind: "stopped", where: "doctor" });
  expect((await failure(client.call("doctor", {}, { signal: controller.signal }))).kind).toBe("stopped");
});

test("what a stopped matrix has is its reply", async () => {
  const base = fakeLab();
  const { client } = join({
    matrix: async (asked, task) => {
      await new Promise<void>((resolve) => task.signal.addEventListener("abort", resolve, { once: true }));
      return { ...(await base.matrix(asked, task)), isComplete: false };
    },
  });
  const controller = new AbortController();
  const done = client.call("matrix", samples.matrix as never, { signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  expect((await done).isComplete).toBe(false);
});

test("the lab's errors cross with their four parts, mistakes of ours as such", async () => {
  const problem = { kind: "host", what: "qemu is missing", where: "PATH", next: "Install it." };
  const { client } = join({
    openRun: async () => Promise.reject(Object.assign(new Error("x"), problem)),
    kernels: async () => Promise.reject(new Error("oops")),
    listRuns: async () => ({ runs: "none" }) as never,
  });
  const error = await failure(client.call("runs.open", { run: null }));
  expect({ ...error }).toMatchObject(problem);
  expect(error.message).toBe("PATH: qemu is missing. Install it.");
  expect((await failure(client.call("kernels.list", {}))).kind).toBe("bug");
  expect(await failure(client.call("runs.list", { newestCount: 1 }))).toMatchObject({ kind: "bug", where: "reply of runs.list.runs" });
});

test("when the connection ends its calls are stopped, and the face's reject", async () => {
  let stopped = false;
  const [face, lab] = transportPair();
  const service = createService({
    lab: fakeLab({
      doctor: async ({ signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            stopped = true;
            resolve([]);
          });
        }),
    }),
    later: (callback, delayMs) => void setTimeout(callback, delayMs),
  });
  service.connect(lab);
  const client = connectClient(face);
  const done = failure(client.call("doctor", {}));
  await settled();
  client.close();
  expect((await done).kind).toBe("disconnected");
  await settled();
  expect(stopped).toBe(true);
  expect((await failure(client.call("about", {}))).kind).toBe("disconnected");
});

test("a service that is closed waits for its calls", async () => {
  let ended = false;
  const { client, service } = join({
    doctor: async ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          setTimeout(() => {
            ended = true;
            resolve([]);
          }, 20);
        });
      }),
  });
  const done = client.call("doctor", {});
  await settled();
  await service.close("the lab ends");
  expect(ended).toBe(true);
  expect(await done).toEqual({ items: [] });
  expect(await client.closed).toBe("the lab ends");
});

test("every face hears of a change, until it forgets to listen", async () => {
  const service = createService({ lab: fakeLab(), later: (callback) => void setTimeout(callback) });
  const clients = [0, 1].map(() => {
    const [face, lab] = transportPair();
    service.connect(lab);
    return connectClient(face);
  });
  const heard: string[] = [];
  const forget = clients[1]!.on("changed", ({ what }) => heard.push(what));
  await clients[0]!.call("run", job);
  await settled();
  expect(heard).toEqual(["runs"]);
  forget();
  await clients[0]!.call("kernels.fetch", { series: "6.18" });
  await settled();
  expect(heard).toEqual(["runs"]);
});
