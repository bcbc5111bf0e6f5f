import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTar } from "../../src/lab/tar.ts";
import { type LaunchedApp, launchApp } from "./launch.ts";

/** A person's first hour with the app, by clicks, over a real guest. */

const folder = mkdtempSync(join(tmpdir(), "swaplab-app-"));
const runs = join(folder, "swaplab/runs");
let launched: LaunchedApp;
let page: Page;
beforeAll(async () => {
  launched = await launchApp({ XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder });
  ({ page } = launched);
  page.setDefaultTimeout(60_000);
});
afterAll(async () => {
  await launched.app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Of processes anywhere below the app's. */
function descendants(pid: number): { readonly pid: number; readonly name: string }[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => {
    try {
      return [{ pid: child, name: readFileSync(`/proc/${child}/comm`, "utf8").trim() }, ...descendants(child)];
    } catch {
      // It ended while it was looked at.
      return [];
    }
  });
}
const guestCount = (): number => descendants(launched.app.process().pid ?? 0).filter(({ name }) => name.startsWith("qemu-system")).length;

const runButton = () => page.getByRole("button", { name: "Run", exact: true });
const verdict = () => page.locator(".time-line-end .verdict");

test("from the first start to the first verdict", { timeout: 300_000 }, async () => {
  await runButton().click();
  await verdict().waitFor({ timeout: 280_000 });
  expect(await verdict().innerText()).toMatch(/pass/);
  await page.getByRole("img", { name: "Slot map of the kernel" }).waitFor();
  await page.getByText("all slots equal").waitFor();
  await expect.poll(guestCount).toBe(0);
});

test("Stop in the midst: the guest is gone, and it is said that nothing was judged", { timeout: 120_000 }, async () => {
  await page.locator(".experiments").getByText("fragmentation", { exact: true }).click();
  await runButton().click();
  await page.locator(".step").first().waitFor();
  expect(guestCount()).toBe(1);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Nothing was judged").waitFor();
  await expect.poll(guestCount).toBe(0);
  await runButton().waitFor();
});

test("a comparison that fails names its first divergence and leads to the slot", { timeout: 120_000 }, async () => {
  await page.locator(".experiments").getByText("munmap-after-pageout", { exact: true }).click();
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("6.1");
  await page.getByRole("button", { name: /^More/ }).click();
  await runButton().click();
  await page.getByText("Model and kernel first differ in step 2").waitFor();
  expect(await verdict().innerText()).toMatch(/fail/);
  await page.getByRole("button", { name: /^Slot 512/ }).click();
  await page.getByText("64 kB folio, page 1 of 16").waitFor();
  await page.getByText(/4096 slots differ, first 512/).waitFor();
});

test("a console of a guest that stays: what is typed is done there", { timeout: 120_000 }, async () => {
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("");
  await page.getByRole("checkbox", { name: "keep the guest" }).check();
  await page.getByRole("button", { name: /^More/ }).click();
  await runButton().click();
  await page.getByRole("button", { name: "End guest" }).waitFor();
  await page.getByRole("tab", { name: "Console" }).click();
  await page.locator(".xterm-helper-textarea").focus();
  // The guest itself is told to power off: nothing else ends it.
  await page.keyboard.type("poweroff -f\n");
  await expect.poll(guestCount, { timeout: 20_000 }).toBe(0);
  await runButton().waitFor();
});

test("a run is opened again after the app was closed", { timeout: 120_000 }, async () => {
  await launched.app.close();
  launched = await launchApp({ XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder });
  ({ page } = launched);
  page.setDefaultTimeout(60_000);
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("row").filter({ hasText: "fail" }).first().dblclick();
  await page.getByText("Model and kernel first differ in step 2").waitFor();
  await page.getByRole("img", { name: "Slot map of the kernel" }).waitFor();
  await page.getByRole("button", { name: /^Slot 512/ }).click();
  await expect.poll(async () => page.locator("main").innerText()).toMatch(/4096 slots differ/);
});

const evil = `<img src=x onerror="document.title='owned'"><script>document.title="owned"</script>\u001b]0;owned\u0007`;

/** A run of ours with bad things in every string, and files where they do not belong. */
function hostileArchive(): Buffer {
  const [name = ""] = readdirSync(runs).filter((candidate) => /^\d/.test(candidate));
  const spoil = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return ["schema", "verdict", "kind", "start"].includes(key) ? value : evil;
    if (Array.isArray(value)) return value.map((item) => spoil(item));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, spoil(item, field)]));
  };
  const result = JSON.stringify(spoil(JSON.parse(readFileSync(join(runs, name, "result.json"), "utf8"))));
  const entry = (path: string, text: string) => ({ name: path, bytes: Buffer.from(text) });
  return Buffer.from(
    writeTar([entry("x/result.json", result), entry("x/console.log", evil.repeat(1000)), entry("../../../../../../tmp/swaplab-escaped", "x"), entry("/tmp/swaplab-escaped", "x"), entry("x/wire.log", evil)], new Date()),
  );
}

test("somebody else's bundle: nothing in it runs, nothing leaves its folder", { timeout: 120_000 }, async () => {
  await page.getByRole("link", { name: "History" }).click();
  const before = readdirSync(runs).length;
  await page.getByLabel("An exported run").setInputFiles({ name: "evil.tar", mimeType: "application/x-tar", buffer: hostileArchive() });
  await expect.poll(() => readdirSync(runs).length).toBe(before + 1);
  expect(readdirSync("/tmp")).not.toContain("swaplab-escaped");
  await page.getByRole("row").filter({ hasText: "imported" }).first().dblclick();
  await page.getByRole("tab", { name: "Console" }).click();
  for (const tab of ["Plots", "Calls", "Trace", "Command"]) await page.getByRole("tab", { name: tab }).click();
  expect(await page.evaluate("document.title")).toBe("Swaplab");
  expect(await page.locator("img, script:not([src])").count()).toBe(0);
});

test("a gigabyte that calls itself a bundle is refused, and the window answers meanwhile", { timeout: 180_000 }, async () => {
  const path = join(folder, "huge.tar");
  writeFileSync(path, Buffer.alloc(1024 * 1024, "a"));
  for (let megabyte = 1; megabyte < 1024; megabyte *= 2) writeFileSync(path, readFileSync(path), { flag: "a" });
  await page.getByRole("link", { name: "History" }).click();
  const before = readdirSync(runs).length;
  await page.getByLabel("An exported run").setInputFiles(path);
  await page.getByText(/64 MiB|too large|at most/i).first().waitFor();
  await page.getByRole("link", { name: "Lab" }).click();
  await runButton().waitFor();
  expect(readdirSync(runs)).toHaveLength(before);
});
