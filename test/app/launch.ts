import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { _electron, type ElectronApplication, type Page } from "playwright-core";
import { ensureApp } from "../../src/setup/app.mjs";
import { buildHost } from "../electron-host/build.ts";

export const root = join(import.meta.dirname, "../..");
const realElectron = join(root, "node_modules/electron/dist/electron");
const hostFolder = join(root, "dist/electron-host");

/** True where Electron's own binary is there: the specs then run on it, and what they show is shown of it. */
export const isRealElectron = existsSync(realElectron);

export interface LaunchedApp {
  readonly app: ElectronApplication;
  readonly page: Page;
}

/** Where an Electron is: its own, or the stand-in, built anew. */
export async function electronFolder(): Promise<string> {
  if (isRealElectron) return dirname(realElectron);
  await buildHost(hostFolder);
  return hostFolder;
}

/** Builds what is not fresh, and starts the app. */
export async function launchApp(environment: Readonly<Record<string, string>> = {}): Promise<LaunchedApp> {
  await ensureApp(root);
  return launchProgram(join(await electronFolder(), "electron"), [root], environment);
}

/** Starts an app's own executable, or Electron with an app to run, and waits for its page. */
export async function launchProgram(executablePath: string, args: string[], environment: Readonly<Record<string, string>> = {}): Promise<LaunchedApp> {
  const app = await _electron.launch({ executablePath, args, cwd: root, env: { ...definedEnvironment(), ...environment }, timeout: 60_000 });
  const page = await app.firstWindow();
  await page.waitForURL((url) => url.protocol !== "about:");
  await page.waitForLoadState("load");
  return { app, page };
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
