import { existsSync } from "node:fs";
import { join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { appBundles, ensureBundle } from "../../src/setup/bundle.mjs";
import { ensurePage } from "../../src/setup/page.mjs";
import { buildHost } from "../electron-host/build.ts";

const root = join(import.meta.dirname, "../..");
const realElectron = join(root, "node_modules/electron/dist/electron");
const hostFolder = join(root, "dist/electron-host");

/** True where Electron's own binary is there: the specs then run on it, and what they show is shown of it. */
const isRealElectron = existsSync(realElectron);

export interface LaunchedApp {
  readonly app: ElectronApplication;
  readonly page: Page;
}

/** Builds what is not fresh, and starts the app with folders of its own for runs. */
export async function launchApp(environment: Readonly<Record<string, string>> = {}, appFolder = root): Promise<LaunchedApp> {
  for (const bundle of appBundles) await ensureBundle(root, bundle);
  await ensurePage(root);
  if (!isRealElectron) await buildHost(hostFolder);
  const app = await _electron.launch({
    executablePath: isRealElectron ? realElectron : join(hostFolder, "electron"),
    args: [appFolder],
    cwd: root,
    env: { ...definedEnvironment(), ...environment },
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  await page.waitForURL((url) => url.protocol !== "about:");
  await page.waitForLoadState("load");
  return { app, page };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
