import { setTimeout as later } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { createLab } from "../../src/lab/lab.ts";
import { launchBrowser } from "../page/browser.ts";
import { sampleLab, sampleResult } from "../page/sample-lab.ts";
import { largeFrames } from "../page/sample-maps.ts";
import { serveLab, type ServedLab } from "../page/serve-lab.ts";
import type { Figure } from "./figure.ts";
import { repeat, type BenchTask } from "./task.ts";

const section = "page";
const largeSlotCount = 2 ** 20;
const framesPerSample = 120;
const floodBytes = 10 * 1024 * 1024;
const floodChunkBytes = 64 * 1024;
const verdictDeadlineMs = 120_000;

/** The page in Chromium without a GPU: how soon it is there, how evenly it moves, whether it ever stands still. */
export async function measurePage(task: BenchTask): Promise<Figure[]> {
  const browser = await launchBrowser();
  try {
    return [...(await readyFigures(browser, task)), ...(await panFigures(browser, task)), ...(await floodFigures(browser, task)), ...(await verdictFigures(browser, task))];
  } finally {
    await browser.close();
  }
}

async function openPage(browser: Browser, served: ServedLab): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
  await page.goto(served.url);
  await page.getByRole("button", { name: "brim", exact: true }).waitFor();
  return page;
}

async function readyFigures(browser: Browser, task: BenchTask): Promise<Figure[]> {
  const samples: number[] = [];
  await repeat(task, task.repetitions.computations, "page until it lists experiments", async () => {
    const served = await serveLab(sampleLab());
    const started = performance.now();
    const page = await openPage(browser, served);
    samples.push(performance.now() - started);
    await page.context().close();
    await served.close();
  });
  return [{ section, subject: "sample lab", name: "window ready", unit: "ms", aim: 1000, samples }];
}

const run = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.locator(".time-line-end .verdict").waitFor({ timeout: verdictDeadlineMs });
};

/** Turns the wheel over a map once a frame, there and back, and tells when each frame was. */
const turnWheel = (init: object): string => `new Promise((resolve) => {
  const map = document.querySelector(".slot-map");
  const at = [];
  const turn = (now) => {
    at.push(now);
    if (at.length > ${framesPerSample}) return resolve(at);
    const by = at.length <= ${framesPerSample / 2} ? 1 : -1;
    const { x, y } = map.getBoundingClientRect();
    const init = ${JSON.stringify(init)};
    map.dispatchEvent(new WheelEvent("wheel", { ...init, deltaX: by * (init.deltaX ?? 0), deltaY: by * init.deltaY, clientX: x + 300, clientY: y + 60, bubbles: true, cancelable: true }));
    requestAnimationFrame(turn);
  };
  requestAnimationFrame(turn);
})`;

async function panFigures(browser: Browser, task: BenchTask): Promise<Figure[]> {
  const frames = largeFrames(largeSlotCount);
  const result = sampleResult();
  const served = await serveLab(sampleLab({ frames, stepMs: 0, result: { ...result, verdict: "pass", firstDivergence: null, steps: result.steps.slice(0, 1) } }));
  const page = await openPage(browser, served);
  const kinds = [["pan", { deltaX: 5, deltaY: 11 }], ["zoom", { deltaY: -25, ctrlKey: true }]] as const;
  const samples: Record<string, number[]> = { pan: [], zoom: [] };
  try {
    await run(page);
    for (const key of ["+", "+", "+"]) await page.keyboard.press(key);
    await repeat(task, task.repetitions.computations, `moving ${largeSlotCount} slots`, async () => {
      for (const [kind, init] of kinds) {
        const at = (await page.evaluate(turnWheel(init))) as number[];
        const between = at.slice(1).map((now, index) => now - at[index]!).sort((a, b) => a - b);
        samples[kind]!.push(between[Math.floor(between.length * 0.95)]!);
      }
    });
  } finally {
    await page.context().close();
    await served.close();
  }
  const subject = `${largeSlotCount} slots, three maps`;
  return kinds.map(([kind]) => ({ section, subject, name: `${kind}: 95 of 100 frames within`, unit: "ms", aim: 18, samples: samples[kind]! }));
}

/** Notes the longest time between two frames until it is asked for it. */
const watchFrames = `(() => {
  let last = performance.now();
  window.longestMs = 0;
  const turn = (now) => { window.longestMs = Math.max(window.longestMs, now - last); last = now; requestAnimationFrame(turn); };
  requestAnimationFrame(turn);
})()`;

async function floodFigures(browser: Browser, task: BenchTask): Promise<Figure[]> {
  const stalls: number[] = [];
  const chunk = new TextEncoder().encode("[    1.000000] a line of the kernel's log, of which there are very many\r\n".repeat(1000).slice(0, floodChunkBytes));
  await repeat(task, task.repetitions.computations, "10 MB of console", async () => {
    const calm = sampleLab({ stepMs: 0 });
    const served = await serveLab({
      ...calm,
      run: async (request, jobTask) => {
        for (let sent = 0; sent < floodBytes; sent += chunk.length) {
          jobTask.onConsole?.(chunk);
          await later(2);
        }
        return calm.run(request, jobTask);
      },
    });
    const page = await openPage(browser, served);
    await page.getByRole("tab", { name: "Console" }).click();
    await page.evaluate(watchFrames);
    await run(page);
    stalls.push((await page.evaluate("window.longestMs")) as number);
    await page.context().close();
    await served.close();
  });
  return [{ section, subject: "10 MB of console", name: "longest without a frame", unit: "ms", aim: 100, samples: stalls }];
}

/** A click on Run until the verdict is shown, with a guest from its saved state. */
async function verdictFigures(browser: Browser, task: BenchTask): Promise<Figure[]> {
  const samples: number[] = [];
  const served = await serveLab(createLab());
  const page = await openPage(browser, served);
  try {
    task.say("once, for the saved state");
    await run(page);
    await repeat(task, task.repetitions.guests, "from the click to the verdict", async () => {
      const started = performance.now();
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.locator(".time-line-end .verdict").waitFor({ state: "detached" });
      await page.locator(".time-line-end .verdict").waitFor({ timeout: verdictDeadlineMs });
      samples.push(performance.now() - started);
    });
  } finally {
    await page.context().close();
    await served.close();
  }
  return [{ section, subject: "munmap-after-pageout, restored", name: "click to verdict", unit: "ms", aim: 2000, samples }];
}
