import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connectClient } from "../api/client.ts";
import { type SocketLike, socketTransport } from "../api/socket-transport.ts";
import { spawnTied, type TiedProcess } from "../lab/process.ts";

/** The program as it is, with the lab in its own process. */

// The program looks for the project's files above itself.
const root = join(import.meta.dirname, "../..");
let folder = "";
let program = "";

beforeAll(async () => {
  await mkdir(join(root, "dist"), { recursive: true });
  folder = await mkdtemp(join(root, "dist", "serve-test-"));
  program = join(folder, "cli.mjs");
  const banner = { js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);' };
  await build({ entryPoints: [join(root, "src/cli/main.ts")], outfile: program, bundle: true, platform: "node", format: "esm", banner, logLevel: "silent" });
}, 60_000);

afterAll(async () => rm(folder, { recursive: true, force: true }));

interface Served {
  readonly child: TiedProcess;
  readonly said: () => string;
  readonly url: URL;
}

async function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const state = await mkdtemp(join(tmpdir(), "serve-state-"));
  const child = spawnTied(process.execPath, [program, "serve", ...args], { env: { XDG_STATE_HOME: state, ...env } });
  let said = "";
  child.stdout.resume();
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (said.includes("Ctrl-C")) resolve();
    });
    void child.exit.then(() => reject(new Error(`it ended: ${said}`)));
  });
  void child.exit.then(async () => rm(state, { recursive: true, force: true }));
  return { child, said: () => said, url: new URL(/http:\S+/.exec(said)?.[0] ?? "") };
}

async function connect(url: URL): Promise<ReturnType<typeof connectClient>> {
  const cookie = (await fetch(url)).headers.get("set-cookie")?.split(";")[0] ?? "";
  const socket = new WebSocket(`ws://${url.host}/api`, { headers: { cookie, origin: url.origin } });
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  return connectClient(socketTransport(socket as unknown as SocketLike));
}

test("a browser's calls are answered by a lab in a process of its own, and Ctrl-C ends both", async () => {
  const { child, url, said } = await serve([]);
  const client = await connect(url);
  expect((await client.call("experiments.list", {})).experiments.map(({ name }) => name)).toContain("brim");
  await expect(client.call("runs.open", { run: "2026-11-32-1" })).rejects.toMatchObject({ kind: "usage", what: 'There is no run "2026-11-32-1"' });
  const designs = await client.call("designs", {});
  expect(designs.cases.length).toBeGreaterThan(3);
  child.kill("SIGINT");
  expect(await client.closed).toBe("the server ends");
  expect((await child.exit).exitCode).toBe(130);
  expect(said()).toContain("ssh -L");
}, 60_000);

test("a port may be chosen, and one that is taken is an error", async () => {
  const first = await serve([]);
  const child = spawnTied(process.execPath, [program, "serve", "--port", first.url.port]);
  let said = "";
  child.stdout.resume();
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  expect((await child.exit).exitCode).toBe(125);
  expect(said).toBe(`port ${first.url.port}: it is in use by another program. Choose another --port, or none for one that is free.\n`);
  first.child.kill("SIGTERM");
  expect((await first.child.exit).exitCode).toBe(143);
}, 60_000);

test("the browser is shown a file that only we can read, and that leads to the page", async () => {
  const programs = join(folder, "bin");
  await mkdir(programs);
  const shown = join(folder, "shown");
  await writeFile(join(programs, "xdg-open"), `#!/bin/sh\nstat -c %a "$1" > "${shown}.mode"\ncp "$1" "${shown}"\n`, { mode: 0o755 });
  const { child, url } = await serve(["--open"], { PATH: `${programs}:${process.env["PATH"] ?? ""}` });
  while (!existsSync(shown)) await sleep(20);
  const text = await readFile(shown, "utf8");
  expect(text).toContain(`content="0; url=${url.href}"`);
  expect((await readFile(`${shown}.mode`, "utf8")).trim()).toBe("600");
  await connect(url);
  child.kill("SIGINT");
  expect((await child.exit).exitCode).toBe(130);
}, 60_000);
