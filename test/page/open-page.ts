import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Lab } from "../../src/api/lab.ts";
import { launchBrowser } from "./browser.ts";
import { serveLab, type ServedLab } from "./serve-lab.ts";

/** A browser for all tests of a file. A test fails by what goes wrong in the page, and by every break of its policy. */
export function pageOpener(): (lab: Lab, colorScheme?: "light" | "dark") => Promise<Page> {
  let browser: Browser;
  let served: ServedLab | undefined;
  let troubles: string[] = [];
  beforeAll(async () => (browser = await launchBrowser()));
  afterAll(async () => browser.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await served?.close();
    if (troubles.length > 0) throw new Error(`in the page: ${troubles.join("\n")}`);
  });
  return async (lab, colorScheme = "light") => {
    served = await serveLab(lab);
    troubles = [];
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme })).newPage();
    page.on("pageerror", (error) => troubles.push(String(error)));
    page.on("console", (message) => {
      // Browsers ask for an icon of their own accord, before there is a page.
      if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) troubles.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(served.url);
    await page.getByRole("button", { name: "brim", exact: true }).waitFor();
    return page;
  };
}
