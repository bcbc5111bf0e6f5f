import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fakeMachine, installFakeQemu, type FakeQemu } from "./qemu/fake-qemu.ts";
import { startPreparedGuest, type PreparedGuest, type StartRequest } from "./start.ts";
import { StateStore } from "./warm.ts";

let qemu: FakeQemu;
let states: string;
let store: StateStore;
const started: PreparedGuest[] = [];

beforeEach(() => {
  qemu = installFakeQemu();
  states = join(qemu.folder, "states");
  store = new StateStore(states, { maxCount: 3, maxBytes: 1_000_000 });
});
afterEach(async () => {
  for (const guest of started.splice(0)) await end(guest);
  qemu.remove();
});

async function end({ machine, session, log }: PreparedGuest): Promise<void> {
  session.close();
  await machine.stop();
  await log.close();
}

let runCount = 0;
async function start(change: Partial<StartRequest> = {}): Promise<PreparedGuest> {
  const folder = join(qemu.folder, `run ${(runCount += 1)}`);
  mkdirSync(folder);
  const guest = await startPreparedGuest({
    ...{ description: fakeMachine, qemuVersion: "7.9.1", initramfsSha256: "bb", preparePayloads: ["want symbols=swap_info", "prepare modules="], store },
    ...{ diskPath: join(folder, "disk"), consoleLogPath: join(folder, "console.log"), wireLogPath: join(folder, "wire.log") },
    ...change,
  });
  started.push(guest);
  return guest;
}

const stateNames = (): string[] => readdirSync(states).filter((name) => !name.startsWith("."));
const onlyState = (file: string): string => join(states, stateNames()[0] ?? "none", file);
const limits = { silenceMs: 3000, ceilingMs: 3000 };

describe("a second start", () => {
  test("goes on from the state of the first, with the same facts and the same numbers on the wire", async () => {
    const first = await start();
    expect(first).toMatchObject({ start: "booted", remarks: [] });
    // The last one answers the search for the disk, which comes after the save.
    expect(first.messages.map(({ kind }) => kind)).toEqual(["hello", "done", "folio-size", "done", "done"]);
    const second = await start();
    expect(second).toMatchObject({ start: "restored", remarks: [], messages: first.messages, helloMs: null });
    for (const { session } of [first, second]) {
      expect((await session.request("policy folios=64", limits)).done.request).toBe(3);
      expect(await session.finish(limits)).toMatchObject({ sentMessages: 7 });
    }
  });

  test("has the console of the boot it goes on from", async () => {
    await start();
    const { machine } = await start();
    expect(readFileSync(machine.command.join(" ").match(/logfile=([^,]*)/)?.[1] ?? "", "utf8")).toContain("booting");
  });

  test("boots without a store, and saves nothing", async () => {
    await start({ store: null });
    expect(await start({ store: null })).toMatchObject({ start: "booted", remarks: [] });
    expect(existsSync(states)).toBe(false);
  });

  test.each<[string, Partial<StartRequest>]>([
    ["QEMU", { qemuVersion: "8.0" }],
    ["the initramfs", { initramfsSha256: "cc" }],
    ["the kernel", { description: { ...fakeMachine, kernel: { bootPath: "/no/kernel", sha256: "dd" } } }],
    ["the machine", { description: { ...fakeMachine, memoryMb: 65 } }],
    ["what is prepared", { preparePayloads: ["prepare modules=brd"] }],
  ])("boots when %s is another", async (_, change) => {
    await start();
    expect((await start(change)).start).toBe("booted");
    expect(stateNames().length).toBe(2);
  });

  test("does not depend on where kernel and initramfs are", async () => {
    await start();
    const description = { ...fakeMachine, kernel: { ...fakeMachine.kernel, bootPath: "/moved/kernel" }, initramfsPath: "/moved/initramfs" };
    expect((await start({ description })).start).toBe("restored");
  });
});

describe("a saved state that is not to be trusted is said and replaced", () => {
  const flip = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  };
  test.each<[string, () => void, RegExp]>([
    ["cut short", () => truncateSync(onlyState("state"), 3), /3 bytes in place of/],
    ["one bit flipped in its content", () => flip(onlyState("state")), /content is damaged/],
    ["not QEMU's", () => writeFileSync(onlyState("state"), "x".repeat(statSync(onlyState("state")).size)), /Not a migration stream/],
    ["one bit flipped in its record", () => flip(onlyState("state.json")), /record is damaged/],
    ["a record without content", () => writeFileSync(onlyState("state.json"), "{}"), /record is damaged/],
    ["without its record", () => rmSync(onlyState("state.json")), /part of it is missing/],
    ["without its console", () => rmSync(onlyState("console.log")), /part of it is missing/],
  ])("%s", async (_, damage, remark) => {
    await start();
    damage();
    const guest = await start();
    expect(guest.start).toBe("booted");
    expect(guest.remarks.join()).toMatch(remark);
    expect((await guest.session.request("policy folios=64", limits)).done.status).toBe("ok");
    expect(await start()).toMatchObject({ start: "restored", remarks: [] });
  });

  test("the state of another key under this one's name", async () => {
    await start();
    const other = await start({ initramfsSha256: "cc" });
    expect(other.start).toBe("booted");
    const [a, b] = stateNames().map((name) => join(states, name, "state.json"));
    writeFileSync(a ?? "", readFileSync(b ?? ""));
    expect([(await start()).remarks, (await start({ initramfsSha256: "cc" })).remarks].flat().join()).toContain("record is damaged");
  });
});

describe("a cache that fails does not fail the run", () => {
  test("a folder that cannot be made", async () => {
    writeFileSync(join(qemu.folder, "file"), "");
    const guest = await start({ store: new StateStore(join(qemu.folder, "file", "states")) });
    expect(guest.start).toBe("booted");
    expect(guest.remarks.at(-1)).toContain("was not saved");
    expect((await guest.session.request("policy folios=64", limits)).done.status).toBe("ok");
  });

  test("a disk that is full although QEMU says that it is done", async () => {
    // /dev/full in place of the file: `cat` fails, the migration does not.
    class FullStore extends StateStore {
      override async save(...[key, machine, conversation, consoleLogPath]: Parameters<StateStore["save"]>): Promise<void> {
        const { execute } = machine.qmp;
        machine.qmp.execute = (command, args = {}, wait) => {
          const uri = args["uri"];
          const given = command === "migrate" && typeof uri === "string" ? { uri: uri.replace(/cat > '[^']*'/, "cat > /dev/full") } : args;
          return execute.call(machine.qmp, command, given, wait);
        };
        await super.save(key, machine, conversation, consoleLogPath);
      }
    }
    const guest = await start({ store: new FullStore(states) });
    expect(guest.remarks.join()).toContain("not all of it could be written");
    expect(readdirSync(states)).toEqual([]);
    expect((await guest.session.request("policy folios=64", limits)).done.status).toBe("ok");
  });
});

describe("many", () => {
  test("that start at once make one state between them", async () => {
    const guests = await Promise.all([start(), start(), start()]);
    expect(guests.map((guest) => [guest.start, guest.remarks])).toEqual(Array(3).fill(["booted", []]));
    expect(readdirSync(states).length).toBe(1);
    expect((await start()).start).toBe("restored");
  });

  test("states are kept up to a number, the least recently used go", async () => {
    const names: string[] = [];
    for (const initramfsSha256 of ["a", "b", "c"]) {
      const known = existsSync(states) ? stateNames() : [];
      await start({ initramfsSha256 });
      names.push(stateNames().find((name) => !known.includes(name)) ?? "");
    }
    // "a" is the one that was not used for longest, until it is used again.
    const hoursAgo = [3, 1, 2];
    for (const [index, name] of names.entries()) utimesSync(join(states, name, "state.json"), 0, Date.now() / 1000 - 3600 * (hoursAgo[index] ?? 0));
    expect((await start({ initramfsSha256: "a" })).start).toBe("restored");
    await start({ initramfsSha256: "d" });
    expect(stateNames().length).toBe(3);
    expect(stateNames()).toEqual(expect.arrayContaining(names.slice(0, 2)));
    expect(stateNames()).not.toContain(names[2]);
  });

  test("states are kept up to a size, and partial ones that nobody works on go", async () => {
    await start();
    const old = join(states, ".partial-dead");
    const fresh = join(states, ".partial-alive");
    for (const path of [old, fresh]) mkdirSync(path);
    utimesSync(old, 0, Date.now() / 1000 - 7200);
    await start({ store: new StateStore(states, { maxCount: 3, maxBytes: 1 }), initramfsSha256: "c" });
    expect(stateNames().length).toBe(1);
    expect(existsSync(old)).toBe(false);
    expect(existsSync(fresh)).toBe(true);
  });
});

describe("a start that fails leaves no QEMU", () => {
  test("when the guest cannot be prepared", async () => {
    await expect(start({ preparePayloads: ["bad request"] })).rejects.toMatchObject({ kind: "invalid", where: "bad" });
    expect(existsSync(states)).toBe(false);
  });

  test("when it is aborted", async () => {
    qemu.behave("silent");
    const controller = new AbortController();
    const progress = (stage: string): void => {
      if (stage === "boot") setTimeout(() => controller.abort(), 50);
    };
    await expect(start({ signal: controller.signal, progress })).rejects.toMatchObject({ kind: "host", what: "stopped because it was asked to" });
  });
});
