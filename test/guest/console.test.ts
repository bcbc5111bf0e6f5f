import { beforeAll, expect, test } from "vitest";
import { openKernel } from "../../src/lab/kernels/open.ts";
import { command } from "./command-line.ts";
import { useOwnFolder } from "./places.ts";

useOwnFolder();

let release = "";
beforeAll(async () => {
  ({ release } = await openKernel("6.12", {}));
});

/** The echo of what is typed holds none of the answers. */
const typed = "uname -r\necho answer=$((6 * 7))\ncat /proc/swaps\n";

test("commands that are piped in are run by the guest's shell, and the guest ends with them", async () => {
  const { exitCode, stdout, stderr } = await command(["console", "--kernel", "6.12"], { input: typed });
  const lines = stdout.split(/\r*\n/);
  expect(exitCode, stderr).toBe(0);
  expect(lines).toContain(release);
  expect(lines).toContain("answer=42");
});

test("the last command needs no newline", async () => {
  const { exitCode, stdout, stderr } = await command(["console", "--kernel", "6.12"], { input: "echo answer=$((6 * 7))" });
  expect([exitCode, stdout.split(/\r*\n/)], stderr).toEqual([0, expect.arrayContaining(["answer=42"])]);
});

test("--keep gives the console of the guest in which the run was, after the verdict", async () => {
  const { exitCode, stdout, stderr } = await command(["run", "partial-unmap", "--kernel", "6.12", "--swap-size", "32M", "--keep"], { input: typed });
  expect(exitCode, stderr).toBe(0);
  const [table = "", console = ""] = stdout.split(/open: npm start -- show \S+/);
  expect(table).toMatch(/^pass +\d+ checks/m);
  expect(console.split(/\r*\n/)).toEqual(expect.arrayContaining([release, "answer=42"]));
  // The run's swap area, without its header page, is still on.
  expect(console).toMatch(/^\/dev\/nvme\S+\s+partition\s+32764\s/m);
});

test("the guest's end is the end of its console", async () => {
  const { stdout } = await command(["console", "--kernel", "6.12"], { input: `echo c > /proc/sysrq-trigger\n${typed}` });
  expect(stdout).toMatch(/Kernel panic - not syncing/);
  expect(stdout).not.toContain("answer=42");
});
