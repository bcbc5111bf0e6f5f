import { expect, test } from "vitest";
import { seriousFindings } from "./axe.ts";
import { pageOpener } from "./open-page.ts";
import { sampleLab } from "./sample-lab.ts";

/** Races need no guest: these are the lab's own. */

const open = pageOpener();

test("a race that is found: its last step is loud, the arrow keys go through the others, and it is there as text", async () => {
  const page = await open(sampleLab());
  await page.getByRole("link", { name: "Races" }).click();
  const steps = page.getByRole("listbox", { name: "Steps in order" });
  await steps.waitFor();
  expect(await page.getByText(/^Found:/).innerText()).toBe("Found: freed structures are used, after 15 steps");
  expect(await steps.getByRole("option", { selected: true }).innerText()).toContain("freed in step 14");
  await steps.focus();
  for (let step = 0; step < 7; step++) await page.keyboard.press("ArrowUp");
  expect(await page.getByRole("heading", { name: /^After step/ }).innerText()).toBe("After step 8 of 15");
  const variables = page.getByRole("table", { name: "Shared variables after step 8" });
  expect(await variables.locator(".changed th").allInnerTexts()).toEqual(["swap_map[0]", "swap_map[1]", "swap cache", "inuse_pages"]);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  expect(await page.getByLabel("The race as text").innerText()).toContain("broken: freed structures are used");
});

test("a switch is tried at once: with the fix every order is tried; with few states it is not exhausted, and says so", async () => {
  const page = await open(sampleLab());
  await page.getByRole("link", { name: "Races" }).click();
  await page.getByRole("checkbox", { name: "fix" }).check();
  await page.getByText("Exhausted: every order of steps was tried, and nothing fails").waitFor();
  await page.getByRole("button", { name: /^More/ }).click();
  await page.getByLabel("States at most").fill("10");
  await page.getByText("Not exhausted: the limit of states was reached").waitFor();
  expect(await page.locator(".race-command code").innerText()).toBe("npm start -- race swapoff --fix --states 10");
});

test("a race that cannot be explored says why", async () => {
  const failing = sampleLab({ more: { race: () => Promise.reject(new Error("no memory at all")) } });
  const page = await open(failing);
  await page.getByRole("link", { name: "Races" }).click();
  expect(await page.getByRole("alert").innerText()).toContain("no memory at all");
});

test("Stop ends an exploration, with what there is", async () => {
  const page = await open(sampleLab());
  await page.getByRole("link", { name: "Races" }).click();
  await page.getByRole("checkbox", { name: "fix" }).check();
  await page.getByText(/^Exhausted/).waitFor();
  await page.getByLabel("Processes").selectOption("8");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  const verdict = page.getByText(/^Not exhausted/);
  await verdict.waitFor();
  expect(await verdict.innerText()).toContain("it was stopped");
});

test.each(["light", "dark"] as const)("axe finds nothing serious, %s", async (colorScheme) => {
  const page = await open(sampleLab(), colorScheme);
  await page.getByRole("link", { name: "Races" }).click();
  await page.locator(".lane-step").first().waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("checkbox", { name: "fix" }).check();
  await page.getByText(/^Exhausted/).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
});
