import { setTimeout as later } from "node:timers/promises";
import { expect, test } from "vitest";
import type { CompareRequest, Lab } from "../../src/api/lab.ts";
import { sampleComparison } from "../sample-comparison.ts";
import { seriousFindings } from "./axe.ts";
import { pageOpener } from "./open-page.ts";
import { sampleLab } from "./sample-lab.ts";

const open = pageOpener();

test("two kernels: verdicts, what differs in each step, times, what is equal when asked for, and either run in the lab", async () => {
  const requests: CompareRequest[] = [];
  const opened: (string | undefined)[] = [];
  const lab = sampleLab();
  const compare: Lab["compare"] = async (request) => {
    requests.push(request);
    return sampleComparison();
  };
  const openRun: Lab["openRun"] = async (name) => {
    opened.push(name);
    return lab.openRun(name);
  };
  const page = await open({ ...lab, compare, openRun });
  await page.getByRole("link", { name: "Compare" }).click();
  const run = page.getByRole("button", { name: "Run", exact: true });
  expect(await run.isDisabled()).toBe(true);
  const a = page.getByRole("combobox", { name: "A", exact: true });
  const suggested = await page.locator(`#${await a.getAttribute("list")} option`).evaluateAll((options) => options.map((option) => option.getAttribute("value")));
  expect(suggested).toEqual(expect.arrayContaining(["6.1", "nvme", "64kB", "2026-11-23-1"]));
  await a.fill("nvme");
  expect(await page.getByLabel("Kernel").isVisible()).toBe(true);
  await a.fill("6.1");
  expect(await page.getByLabel("Kernel").isVisible()).toBe(false);
  await page.getByRole("combobox", { name: "B", exact: true }).fill("6.12");
  await page.getByLabel("Experiment").selectOption("brim");
  await page.getByLabel("Timed runs a side").fill("5");
  await page.keyboard.press("Enter");
  await page.getByText("4 differ, in 2 steps").waitFor();
  expect(requests).toEqual([{ a: "6.1", b: "6.12", experiment: "brim", runCount: 5, memoryMb: 1024, cold: false, set: {} }]);
  const differing = page.getByRole("table", { name: "What differs" });
  const cells = await differing.getByRole("row").filter({ hasText: "thp_swpout" }).getByRole("cell").allInnerTexts();
  expect(cells).toEqual(["8", "0", "-8"]);
  expect(await differing.getByRole("row").filter({ hasText: "placement" }).getByRole("cell").first().innerText()).toBe("512 @ 16384\n512 @ 32768\n3072 @ 512");
  const times = page.getByRole("table", { name: "Time" });
  expect(await times.getByRole("row").filter({ hasText: "pageout" }).getByRole("cell").allInnerTexts()).toEqual(["4.10 ms", "1.9%", "3.10 ms", "2.6%", "-24.4% *", expect.stringMatching(/^-\d\d\.\d \.\. -\d\d\.\d%$/)]);
  const equal = page.getByRole("table", { name: "Equal on both sides" });
  expect(await equal.count()).toBe(0);
  await page.getByRole("button", { name: "Show all" }).click();
  const equalCount = sampleComparison().steps.flatMap(({ metrics }) => metrics.filter(({ differs }) => !differs)).length;
  expect(await equal.getByRole("rowheader").filter({ hasNotText: /^Step \d/ }).count()).toBe(equalCount);
  await page.getByRole("button", { name: "Open 2026-11-22-7" }).click();
  await page.locator(".time-line-end .verdict").waitFor();
  expect(opened).toEqual(["2026-11-22-7"]);
});

test("Stop ends a comparison, and what cannot be compared says why", async () => {
  const waiting: Lab["compare"] = async ({ b }, { progress, signal }) => {
    if (b === "nvme") throw new Error("both sides must be of one kind");
    progress("6.1", "restore, waiting for the guest");
    await later(60_000, undefined, { signal: signal as AbortSignal });
    return sampleComparison();
  };
  const page = await open(sampleLab({ more: { compare: waiting } }));
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByRole("combobox", { name: "A", exact: true }).fill("6.1");
  await page.getByRole("combobox", { name: "B", exact: true }).fill("6.12");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByText("6.1: restore, waiting for the guest").waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("Nothing compared yet").waitFor();
  await page.getByRole("combobox", { name: "B", exact: true }).fill("nvme");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  expect(await page.getByRole("alert").innerText()).toContain("both sides must be of one kind");
});

test.each(["light", "dark"] as const)("axe finds nothing serious, %s", async (colorScheme) => {
  const page = await open(sampleLab(), colorScheme);
  await page.getByRole("link", { name: "Compare" }).click();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("combobox", { name: "A", exact: true }).fill("6.1");
  await page.getByRole("combobox", { name: "B", exact: true }).fill("6.12");
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: "What differs" }).waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  expect(await seriousFindings(page)).toEqual([]);
});
