import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { runProcess } from "../../src/cli/process-life.ts";
import { createLab } from "../../src/lab/lab.ts";
import { makeFolder } from "../bench/folder.ts";
import { launchBrowser } from "./browser.ts";
import { serveLab } from "./serve-lab.ts";

/** `npm run shots`: every view, light and dark, on a small and a large screen, over the real lab with real runs. */

const output = "dist/shots";
const screens = [{ width: 1280, height: 800 }, { width: 1920, height: 1080 }] as const;
const themes = ["light", "dark"] as const;
const runDeadlineMs = 120_000;

/** Takes a picture once nothing moves any more. */
type Shoot = (name: string) => Promise<void>;

const say = (text: string): void => void process.stderr.write(`shots: ${text}\n`);

async function run(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".time-line-end .verdict").waitFor({ timeout: runDeadlineMs });
}

/** A run that passes, on its way and at its end, and what belongs to it. */
async function shootPass(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".step").first().waitFor({ timeout: runDeadlineMs });
  await shoot("running");
  await page.locator(".time-line-end .verdict").waitFor({ timeout: runDeadlineMs });
  await shoot("pass");
  for (const tab of ["Console", "Calls", "Trace", "Command"]) {
    await page.getByRole("tab", { name: tab }).click();
    await shoot(tab.toLowerCase());
  }
  await page.getByRole("tab", { name: "Plots" }).click();
}

/** The same guest beside the model of another generation: to the first slot that differs, and close to it. */
async function shootFail(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("6.1");
  await run(page);
  await shoot("fail-more");
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("button", { name: /^Slot/ }).click();
  await shoot("fail-slot");
  await page.keyboard.press("0");
  await page.getByRole("button", { name: "Order", exact: true }).click();
  await shoot("fail-order");
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await shoot("fail-table");
  await page.getByRole("button", { name: "Table", exact: true }).click();
}

/** Several regions, two areas: what an owner, an age and an area are. */
async function shootOther(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("combobox", { name: "Model", exact: true }).selectOption("");
  await page.getByRole("button", { name: /^More/ }).click();
  await page.locator(".experiments").getByText("refill-holes", { exact: true }).click();
  await run(page);
  await page.getByRole("button", { name: "Owner", exact: true }).click();
  await shoot("owner");
  await page.getByRole("button", { name: "Age", exact: true }).click();
  await shoot("age");
  await page.getByRole("button", { name: "State", exact: true }).click();
  await page.locator(".experiments").getByText("two-areas-by-priority", { exact: true }).click();
  await run(page);
  await shoot("two-areas");
  await page.getByRole("combobox", { name: "Device", exact: true }).selectOption("zram");
  await page.getByRole("combobox", { name: "Kernel", exact: true }).selectOption("6.19");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("alert").waitFor({ timeout: runDeadlineMs });
  await shoot("invalid");
}

/** A stop of the tour before, while and after it is run; one with text alone below it. */
async function shootTour(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("link", { name: "Tour" }).click();
  await page.getByRole("button", { name: "Run here" }).waitFor();
  await shoot("tour");
  await page.getByRole("button", { name: "Run here" }).click();
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
  await shoot("tour-running");
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: 2 * runDeadlineMs });
  await shoot("tour-visited");
  await page.locator(".tour-list").getByText("The two alternatives").click();
  await page.locator(".tour-cards").scrollIntoViewIfNeeded();
  await shoot("tour-cards");
}

/** A race that is found, in the middle of its steps, and exhausted with the fix. */
async function shootRaces(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("link", { name: "Races" }).click();
  await page.locator(".lane-step").first().waitFor();
  await shoot("race");
  await page.locator(".lane-steps").focus();
  for (let step = 0; step < 7; step++) await page.keyboard.press("ArrowUp");
  await shoot("race-step");
  await page.getByRole("checkbox", { name: "fix" }).check();
  await page.getByText("Exhausted").waitFor();
  await shoot("race-exhausted");
  await page.getByRole("button", { name: /What every ordering/ }).click();
  await page.locator(".race-mutants table").waitFor({ timeout: runDeadlineMs });
  await shoot("race-orderings");
}

/** A new experiment, what may be written in it, and a mistake. */
async function shootEditor(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByText(/^No mistake/).waitFor();
  await shoot("editor");
  await page.keyboard.press("Control+End");
  await page.keyboard.type('\n[[op]]\nop = "page');
  await page.getByRole("option", { name: '"pageout"' }).waitFor();
  await shoot("editor-completion");
  await page.keyboard.press("Escape");
  await page.locator(".cm-lint-marker-error").waitFor();
  await shoot("editor-mistake");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "Discard" }).click();
}

/** Nothing yet, on its way, two kernels, all of them, two that are not of one kind. */
async function shootCompare(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("link", { name: "Compare" }).click();
  await shoot("compare-empty");
  await page.getByRole("combobox", { name: "A", exact: true }).fill("6.1");
  await page.getByRole("combobox", { name: "B", exact: true }).fill("6.12");
  await page.getByLabel("Timed runs a side").fill("2");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("timed 1 of 2").waitFor({ timeout: runDeadlineMs });
  await shoot("compare-running");
  await page.locator(".compare-table").first().waitFor({ timeout: runDeadlineMs });
  await shoot("compare");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("row").filter({ hasText: "placement" }).first().scrollIntoViewIfNeeded();
  await shoot("compare-all");
  await page.getByRole("combobox", { name: "B", exact: true }).fill("nvme");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor({ timeout: runDeadlineMs });
  await shoot("compare-error");
}

async function shootPlaces(page: Page, shoot: Shoot): Promise<void> {
  await page.getByRole("link", { name: "History" }).click();
  await shoot("history");
  await page.getByRole("link", { name: "Settings" }).click();
  await shoot("settings");
  await page.getByRole("link", { name: "Doctor" }).click();
  await shoot("doctor-looking");
  await page.locator(".doctor li").first().waitFor({ timeout: runDeadlineMs });
  await shoot("doctor");
  await page.getByRole("link", { name: "Lab", exact: true }).click();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("un");
  await shoot("palette");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await shoot("keys");
  await page.keyboard.press("Escape");
}

async function shootAll(signal: AbortSignal): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const folder = await makeFolder("shots");
  // Runs are kept there, not among a person's own.
  process.env["XDG_STATE_HOME"] = folder;
  const browser = await launchBrowser();
  signal.addEventListener("abort", () => void browser.close(), { once: true });
  try {
    for (const viewport of screens) {
      for (const colorScheme of themes) {
        const served = await serveLab(createLab());
        const page = await (await browser.newContext({ viewport, colorScheme })).newPage();
        const shoot: Shoot = async (name) => {
          const path = join(output, `${viewport.width}-${colorScheme}-${name}.png`);
          await page.waitForTimeout(300);
          await page.screenshot({ path });
          say(path);
        };
        try {
          await page.goto(served.url);
          await page.getByRole("button", { name: "brim", exact: true }).waitFor();
          await shoot("start");
          for (const part of [shootPass, shootFail, shootOther, shootTour, shootRaces, shootCompare, shootPlaces, shootEditor]) await part(page, shoot);
        } finally {
          await page.context().close();
          await served.close();
        }
      }
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await runProcess(async (signal) => {
  await shootAll(signal);
  return 0;
});
