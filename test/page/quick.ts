import { launchBrowser } from "./browser.ts";
import { serveLab } from "./serve-lab.ts";
import { sampleLab } from "./sample-lab.ts";
import { seriousFindings } from "./axe.ts";
import type { Page } from "playwright-core";
const out = "/tmp/v2shots";
const browser = await launchBrowser();
const want = process.argv[2] ?? "races";
const steps: Record<string, (page: Page, shoot: (name: string) => Promise<void>) => Promise<void>> = {
  races: async (page, shoot) => {
    await page.getByRole("link", { name: "Races" }).click();
    await page.locator(".lane-step").first().waitFor();
    await shoot("race-found");
    await page.locator(".lane-steps").focus();
    for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowUp");
    await shoot("race-step");
    await page.getByRole("button", { name: "Text" }).click();
    await shoot("race-text");
    await page.getByRole("button", { name: "Text" }).click();
    await page.getByLabel("fix").check();
    await page.getByText("Exhausted").waitFor();
    await page.getByRole("button", { name: /^More/ }).click();
    await shoot("race-holds");
    await page.getByLabel("States at most").fill("10");
    await page.getByText("Not exhausted").waitFor();
    await shoot("race-open");
    await page.getByRole("button", { name: /What every/ }).click();
    await page.locator(".race-mutants table").waitFor({ timeout: 60000 });
    await shoot("race-mutants");
  },
};
for (const [viewport, colorScheme] of [[{ width: 1280, height: 800 }, "light"], [{ width: 1920, height: 1080 }, "dark"], [{ width: 1280, height: 800 }, "dark"], [{ width: 1920, height: 1080 }, "light"]] as const) {
  const served = await serveLab(sampleLab());
  const page = await (await browser.newContext({ viewport, colorScheme })).newPage();
  page.on("pageerror", (e) => console.log("pageerror", String(e)));
  page.on("console", (m) => m.type() === "error" && console.log("console", m.text()));
  await page.goto(served.url);
  await page.getByRole("button", { name: "brim", exact: true }).waitFor();
  const shoot = async (name: string) => {
    await page.waitForTimeout(150);
    await page.screenshot({ path: `${out}/${viewport.width}-${colorScheme}-${name}.png` });
    if (viewport.width === 1280) { const f = await seriousFindings(page); if (f.length) console.log(colorScheme, name, f); }
  };
  await steps[want]!(page, shoot);
  await page.context().close();
  await served.close();
  if (process.argv[3] === "quick") break;
}
await browser.close();
process.exit(0);
