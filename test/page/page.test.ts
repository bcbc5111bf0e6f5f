import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Lab } from "../../src/api/lab.ts";
import { defaultSettings, type Settings } from "../../src/api/settings.ts";
import { seriousFindings } from "./axe.ts";
import { launchBrowser } from "./browser.ts";
import { serveLab, type ServedLab } from "./serve-lab.ts";
import { sampleLab, sampleResult } from "./sample-lab.ts";
import { differingSlot } from "./sample-maps.ts";

/** The page as it is built, in a real browser, over the real server; the lab behind it is a sample. */

let browser: Browser;
let served: ServedLab;
let page: Page;
/** What went wrong in the page, and every break of its policy. */
let troubles: string[] = [];

beforeAll(async () => (browser = await launchBrowser()));
afterAll(async () => browser.close());
afterEach(async () => {
  await page.context().close();
  await served.close();
  if (troubles.length > 0) throw new Error(`in the page: ${troubles.join("\n")}`);
});

async function open(lab: Lab = sampleLab(), colorScheme: "light" | "dark" = "light"): Promise<void> {
  served = await serveLab(lab);
  troubles = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => {
    // Browsers ask for an icon of their own accord, before there is a page.
    if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) troubles.push(`${message.text()} ${message.location().url}`);
  });
  await page.goto(served.url);
  await page.getByRole("button", { name: "brim", exact: true }).waitFor();
}

const runIt = async (): Promise<void> => {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".time-line-end .verdict").waitFor();
};

const slotPlace = () => page.locator(".slot-place");

test("from the first click to a verdict, and to the first slot that differs", async () => {
  const lab = sampleLab();
  await open(lab);
  await page.getByLabel("Folio").selectOption("64kB");
  await runIt();
  expect(lab.requests).toEqual([{ experiment: "munmap-after-pageout", kernel: "6.12", folio: "64kB", memoryMb: 1024, cold: false, set: {} }]);
  expect(await page.getByRole("alert").innerText()).toContain("first differ in step 3");
  await page.getByRole("button", { name: `Slot ${differingSlot}` }).click();
  expect(await slotPlace().innerText()).toContain(`slot ${differingSlot}, cluster 1 + 7`);
  expect(await slotPlace().innerText()).toContain("differs");
  expect(await page.getByRole("img", { name: "Slot map of the difference" }).getAttribute("aria-label")).toContain("1 in use otherwise");
});

test("a check leads to the slots that it speaks of", async () => {
  await open();
  await runIt();
  await page.getByLabel("Search checks").fill("slots");
  await page.getByRole("row").filter({ hasText: "slots" }).last().click();
  expect(await slotPlace().innerText()).toContain(`slot ${differingSlot}`);
});

test("without a pointer: run, steps, slots, lens, table, keys", async () => {
  await open();
  await page.keyboard.press("r");
  await page.locator(".time-line-end .verdict").waitFor();
  await page.keyboard.press("n");
  expect(await slotPlace().innerText()).toContain(`slot ${differingSlot}`);
  await page.locator("[data-pane=maps]").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  expect(await slotPlace().innerText()).toContain(`slot ${(differingSlot + 513).toLocaleString("en")}`);
  await page.keyboard.press("3");
  expect(await page.getByRole("button", { name: "Owner" }).getAttribute("aria-pressed")).toBe("true");
  await page.keyboard.press("t");
  expect(await page.getByRole("grid", { name: "Slots of model and kernel" }).innerText()).toContain("of main.a");
  await page.keyboard.press("]");
  expect(await page.locator(".step[aria-current]").innerText()).toContain("unmap");
  await page.keyboard.press("?");
  expect(await page.getByRole("dialog", { name: "Keys" }).innerText()).toContain("Next slot that differs");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("ftu");
  await page.getByRole("option", { name: /fork-then-unmap/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "fork-then-unmap" }).waitFor();
});

test("the pointer: what is under it, dragging and the wheel move all three maps, the legend hides", async () => {
  await open();
  await runIt();
  const map = page.getByRole("img", { name: "Slot map of the model" });
  const box = (await map.boundingBox())!;
  await page.mouse.move(box.x + 46 + 1, box.y + 1);
  expect(await slotPlace().innerText()).toContain("slot 0, cluster 0");
  await page.keyboard.down("Control");
  for (let turn = 0; turn < 8; turn++) await page.mouse.wheel(0, -300);
  await page.keyboard.up("Control");
  await page.mouse.down();
  await page.mouse.move(box.x + 46 + 1 - 320, box.y + 1, { steps: 4 });
  await page.mouse.up();
  await page.mouse.move(box.x + 46 + 1, box.y + 2);
  const moved = await slotPlace().innerText();
  expect(moved).not.toContain("slot 0,");
  const other = (await page.getByRole("img", { name: "Slot map of the kernel" }).boundingBox())!;
  await page.mouse.move(other.x + 46 + 1, other.y + 2);
  expect(await slotPlace().innerText()).toBe(moved);
  const free = page.getByRole("group", { name: "Colours of model and kernel" }).getByRole("button", { name: /^free/ });
  await free.click();
  expect(await free.getAttribute("aria-pressed")).toBe("false");
});

test("Stop is obeyed", async () => {
  await open(sampleLab({ stepMs: 60_000 }));
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("The run was stopped").waitFor();
  expect(await page.getByRole("button", { name: "Run", exact: true }).isEnabled()).toBe(true);
});

test("an older run is opened from the history, with its maps, console and trace", async () => {
  await open();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("row").filter({ hasText: "munmap-after-pageout" }).dblclick();
  await page.getByRole("img", { name: "Slot map of the kernel" }).waitFor();
  await page.getByRole("tab", { name: "Console" }).click();
  // Without a GPU the page's own elements draw the terminal.
  await page.locator(".xterm-rows").getByText("console.log of the run").waitFor();
  await page.getByRole("tab", { name: "Trace" }).click();
  await page.getByText("What the model said").waitFor();
  expect(await page.getByRole("tabpanel").innerText()).toContain("model-trace.txt of the run");
});

test("runs are renamed, deleted and had back, exported and imported", async () => {
  const done: string[] = [];
  const more: Partial<Lab> = {
    renameRun: async (run, label) => {
      done.push(`rename ${run} ${label}`);
      return label;
    },
    removeRun: async (run) => void done.push(`remove ${run}`),
    restoreRun: async (run) => void done.push(`restore ${run}`),
    exportRun: async (run, format) => {
      done.push(`export ${run} ${format}`);
      return { fileName: "a.ktap", mediaType: "text/plain", bytes: new TextEncoder().encode("KTAP version 1\n") };
    },
    importRun: async (from) => {
      done.push(`import ${from.length}`);
      return { ok: false, name: "2026-11-24-9", label: "", problem: "It is not an archive" };
    },
  };
  await open(sampleLab({ more }));
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("row").filter({ hasText: "munmap-after-pageout" }).click();
  await page.keyboard.press("F2");
  await page.getByLabel("What to call").fill("the good one");
  await page.keyboard.press("Enter");
  await page.getByText("is called the good one").waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("Delete");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("is back").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("combobox", { name: "Export" }).selectOption("ktap");
  expect((await download).suggestedFilename()).toBe("a.ktap");
  await page.getByLabel("An exported run").setInputFiles({ name: "b.tar", mimeType: "application/x-tar", buffer: Buffer.alloc(700_000) });
  await page.getByText("It is not an archive").waitFor();
  expect(done).toEqual(["rename 2026-11-23-1 the good one", "remove 2026-11-23-1", "restore 2026-11-23-1", "export 2026-11-23-1 ktap", "import 700000"]);
});

test("settings are the lab's: what is chosen here holds everywhere", async () => {
  const written: Settings[] = [];
  await open(sampleLab({ more: { readSettings: async () => written.at(-1) ?? defaultSettings, writeSettings: async (next) => void written.push(next) } }));
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "dark", exact: true }).click();
  await page.getByLabel("Folders of kernels").fill("~/linux\n\n/srv/trees ");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => written.at(-1)).toEqual({ schema: "swaplab.settings/1", kernelFolders: ["~/linux", "/srv/trees"], accelerator: "auto", theme: "dark" });
  expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
});

test("what others wrote is text wherever it is shown", async () => {
  const evil = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
  const result = sampleResult();
  const hostile = {
    ...result,
    run: evil,
    reason: evil,
    firstDivergence: null,
    lastWords: [evil],
    remarks: [evil],
    experiment: { ...result.experiment, name: evil, title: evil, device: evil },
    kernel: { ...result.kernel, release: evil, features: evil },
    steps: result.steps.map((step) => ({ ...step, op: evil, text: evil, checks: step.checks.map((check) => ({ ...check, name: evil, real: evil, model: evil, reason: evil })) })),
  };
  const more: Partial<Lab> = {
    listExperiments: () => [{ name: "brim", title: evil }],
    listRuns: async () => ({ runs: [{ ok: false, name: evil, label: evil, problem: evil }, { ok: true, name: "r", label: evil, verdict: "fail", experiment: evil, release: evil, device: evil, startedAt: evil }], olderCount: 0 }),
    doctor: async () => [{ name: evil, status: "missing", detail: evil, next: evil }],
  };
  await open(sampleLab({ result: hostile, consoleText: `${evil}\r\n\u001b]0;owned\u0007\u001b]52;c;b3duZWQ=\u0007`, more }));
  await runIt();
  for (const tab of ["Console", "Plots", "Calls", "Trace", "Command"]) await page.getByRole("tab", { name: tab }).click();
  for (const place of ["History", "Doctor", "Settings", "Lab"]) await page.getByRole("link", { name: place, exact: true }).click();
  await page.keyboard.press("t");
  expect(await page.title()).toBe("Swaplab");
  expect(await page.locator("img, script:not([src])").count()).toBe(0);
});

test("a result as large as one may be is shown, and the page answers", async () => {
  const result = sampleResult();
  const [step] = result.steps;
  const placement = Array.from({ length: 300_000 }, (_, run) => `${run * 2}+1@${run * 3 + 1}`).join(",");
  const checks = Array.from({ length: 4096 }, (_, index) => ({ name: `placement.main.r${index}`, kind: "exact" as const, model: "", real: "", ok: false }));
  checks[0] = { ...checks[0]!, model: placement, real: `${placement},600000+1@7` };
  const steps = Array.from({ length: 3000 }, (_, index) => ({ ...step!, index, checks: index === 0 ? checks : [] }));
  await open(sampleLab({ result: { ...result, steps, firstDivergence: null }, stepMs: 0, more: { run: async () => ({ result: { ...result, steps, firstDivergence: null }, bundlePath: "" }) } }));
  await runIt();
  await page.keyboard.press("{");
  await page.getByRole("row").filter({ hasText: "placement r0" }).click();
  await page.getByText("characters)").first().waitFor();
  await page.keyboard.press("}");
  expect(await page.locator(".step[aria-current]").getAttribute("title")).toContain("Step 2999");
  expect(await page.locator(".step").count()).toBeLessThan(250);
});

test("a connection that ends is said, and the way back is there", async () => {
  await open();
  await served.close();
  await page.getByRole("button", { name: "Connect again" }).waitFor();
  expect(await page.getByRole("alert").innerText()).toContain("the test is over");
  troubles = [];
});

test.each(["light", "dark"] as const)("axe finds nothing serious, %s", async (colorScheme) => {
  await open(sampleLab(), colorScheme);
  const findings: Record<string, string[]> = {};
  const look = async (view: string): Promise<void> => {
    const found = await seriousFindings(page);
    if (found.length > 0) findings[view] = found;
  };
  await look("start");
  await page.getByRole("button", { name: /^More/ }).click();
  await runIt();
  await look("run");
  for (const tab of ["Console", "Calls", "Trace", "Command"]) {
    await page.getByRole("tab", { name: tab }).click();
    await look(tab);
  }
  await page.keyboard.press("n");
  await page.keyboard.press("t");
  await look("table");
  for (const place of ["History", "Doctor", "Settings"]) {
    await page.getByRole("link", { name: place, exact: true }).click();
    await page.waitForTimeout(100);
    await look(place);
  }
  await page.keyboard.press("?");
  await look("keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await look("palette");
  expect(findings).toEqual({});
});
