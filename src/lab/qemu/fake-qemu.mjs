#!/usr/bin/env node
// For tests: takes QEMU's place on the search path. It connects to its sockets, speaks QMP, and has an agent
// on its wire that answers every request. FAKE_QEMU names what it does otherwise.
// oxlint-disable-next-line no-restricted-imports -- QEMU runs shells itself, and this stands in for it.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { connect } from "node:net";
import { crc32 } from "node:zlib";

const args = process.argv.slice(2);
const behaviour = process.env.FAKE_QEMU ?? "";
const valuesOf = (option) => args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));

if (args.includes("--version")) {
  process.stdout.write("QEMU emulator version 7.9.1 (fake)\nCopyright\n");
  process.exit(0);
}
if (behaviour === "refuses") {
  process.stderr.write("qemu: -frobnicate: invalid option\n");
  process.exit(1);
}
if (behaviour === "deaf to everything") for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});

const chardev = (id) => valuesOf("-chardev").find((value) => value.includes(`id=${id},`)) ?? "";
const socket = (id) => connect(/path=([^,]*)/.exec(chardev(id))[1]).on("error", () => process.exit(0));
const [qmp, consolePort, wire] = ["qmp0", "console0", "wire0"].map(socket);
const print = (text) => {
  consolePort.write(text);
  appendFileSync(/logfile=([^,]*)/.exec(chardev("console0"))[1], text);
};

// The guest. What it remembers is all that a saved state holds.
let memory = { sent: 0, wanted: 0 };
let running = false;
const sayFrame = (payload) => {
  const seq = memory.sent++;
  wire.write(`~${seq} ${payload.length} ${crc32(`${seq} ${payload}`).toString(16).padStart(8, "0")} ${payload}\n`);
};
const boot = () => {
  running = true;
  print("[    0.000001] booting\r\n");
  sayFrame("hello proto=1 release=6.12.0-fake version=v machine=x86_64 page=4096 cpus=1 memkb=1000");
};
let input = "";
wire.on("data", (chunk) => {
  input += chunk;
  const lines = input.split("\n");
  input = lines.pop();
  for (const line of lines) {
    const [, seq, payload] = /^~(\d+) \d+ [0-9a-f]{8} (.*)$/.exec(line);
    if (!running || Number(seq) !== memory.wanted) {
      process.stderr.write(`request ${seq} while ${running ? `${memory.wanted} was wanted` : "standing still"}\n`);
      process.exit(9);
    }
    memory.wanted += 1;
    if (payload.startsWith("prepare")) sayFrame("fact kind=folio kb=64");
    if (payload === "finish") sayFrame(`end steps=0 sent=${memory.sent + 1}`);
    else sayFrame(`done seq=${seq} status=${payload.startsWith("bad") ? "failed" : "ok"} detail= errno= us=1 sent=1`);
  }
});

// QMP.
let status = "running";
let migration = {};
const incoming = valuesOf("-incoming")[0];
const shell = (script, stdin) =>
  new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.on("close", () => resolve(out));
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
const commands = {
  qmp_capabilities: () => ({}),
  "query-status": () => ({ status }),
  "query-migrate": () => migration,
  "migrate-set-parameters": () => ({}),
  device_add: (device) => {
    print(`[    1.000000] plugged ${JSON.stringify(device)}\r\n`);
    return {};
  },
  migrate: ({ uri }) => {
    if (status !== "paused") throw new Error("the guest runs");
    migration = { status: "active" };
    void shell(uri.slice("exec:".length), `fake state ${JSON.stringify(memory)}`);
    // Like QEMU: completed when everything was handed over, written or not.
    setImmediate(() => (migration = { status: "completed" }));
    return {};
  },
  stop: () => {
    [status, running] = ["paused", false];
    return {};
  },
  cont: () => {
    [status, running] = ["running", true];
    return {};
  },
  quit: () => {
    if (!behaviour.startsWith("deaf")) setImmediate(() => process.exit(0));
    return {};
  },
};
let lines = "";
qmp.on("data", (chunk) => {
  lines += chunk;
  const whole = lines.split("\n");
  lines = whole.pop();
  for (const line of whole) {
    const { execute, arguments: given, id } = JSON.parse(line);
    let reply;
    try {
      reply = { return: commands[execute](given) };
    } catch (error) {
      reply = { error: { class: "GenericError", desc: error.message } };
    }
    qmp.write(`${JSON.stringify({ ...reply, id })}\r\n`);
  }
});
qmp.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');

if (incoming === undefined) {
  if (behaviour !== "silent") boot();
} else {
  status = "inmigrate";
  const loaded = await shell(incoming.slice("exec:".length), "");
  if (!loaded.startsWith("fake state ")) {
    process.stderr.write("fake: Not a migration stream\n");
    process.exit(1);
  }
  memory = JSON.parse(loaded.slice("fake state ".length));
  status = "paused";
}
