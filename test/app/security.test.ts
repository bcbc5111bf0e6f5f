import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentSecurityPolicy } from "../../main/page-files.ts";
import type { record as hostRecord } from "../electron-host/record.ts";
import { ask } from "./ask.ts";
import { isRealElectron, type LaunchedApp, launchApp, root } from "./launch.ts";

/**
 * The twenty items of Electron's security checklist. What is checked on the stand-in says nothing of the sandbox and
 * the archive's integrity in Electron's own binary (items 4 and 19): these are to be confirmed where one is installed.
 */

let launched: LaunchedApp;
beforeAll(async () => (launched = await launchApp()));
afterAll(async () => launched.app.close());

/** What the stand-in has kept of what the app asked for; Electron itself keeps nothing. */
const record = async <Key extends keyof typeof hostRecord>(key: Key): Promise<(typeof hostRecord)[Key]> =>
  launched.app.evaluate((electron, name) => (electron as unknown as { host: { record: Record<string, unknown> } }).host.record[name], key) as Promise<(typeof hostRecord)[Key]>;

const builtFiles = (folder: string): (readonly [string, string])[] =>
  readdirSync(join(root, "dist", folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:js|cjs|html|css)$/.test(name))
    .map((name) => [name, readFileSync(join(root, "dist", folder, name), "utf8")] as const);

const sources = readdirSync(join(root, "main"))
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => [name, readFileSync(join(root, "main", name), "utf8")] as const);

test("1 nothing is loaded over an insecure connection, nor named in the page", async () => {
  for (const [name, text] of builtFiles("page")) {
    // Names of XML vocabularies look like addresses and are never fetched.
    expect(text.replaceAll(/http:\/\/www\.w3\.org\/[\w/]+/g, "").match(/(?:http|ws):\/\/[\w.]+/g) ?? [], name).toEqual([]);
  }
  await launched.page.evaluate(ask("experiments.list", {}));
  if (!isRealElectron) expect(await record("external")).toEqual([]);
});

test("2, 3, 4, 6, 8, 9, 10, 11 a window's preferences are the safe ones, and no others are set", async () => {
  const allowed = ["contextIsolation", "nodeIntegration", "preload", "sandbox", "spellcheck", "webSecurity"];
  const preferences = isRealElectron
    ? await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map(({ webContents }) => (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences()))
    : await record("webPreferences");
  expect(preferences).toHaveLength(1);
  expect(preferences[0]).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
  expect(preferences[0]?.["webSecurity"]).not.toBe(false);
  if (!isRealElectron) expect(Object.keys(preferences[0] ?? {}).filter((key) => !allowed.includes(key))).toEqual([]);
  for (const [name, text] of sources) expect(text, name).not.toMatch(/allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures|webviewTag|appendSwitch|nodeIntegrationIn/);
});

test("2, 3 the page has nothing of Node or Electron, and cannot reach the preload by its own tampering", async () => {
  const { page } = launched;
  expect(await page.evaluate("[typeof require, typeof process, typeof module, typeof ipcRenderer, typeof Buffer]")).toEqual(Array(5).fill("undefined"));
  const answer = await page.evaluate(`(async () => {
    const kept = { stringify: JSON.stringify, structuredClone, btoa };
    JSON.stringify = window.structuredClone = window.btoa = () => { throw new Error("tampered"); };
    try { return await ${ask("about", {})}; } finally { JSON.stringify = kept.stringify; Object.assign(window, { structuredClone: kept.structuredClone, btoa: kept.btoa }); }
  })()`);
  expect(answer).toMatchObject({ type: "reply" });
});

test("4 the sandbox is on before anything is made, and the preload asks for nothing but Electron", async () => {
  if (!isRealElectron) {
    expect(await record("isSandboxEnabled")).toBe(true);
    expect(await record("preloadErrors")).toEqual([]);
  }
  const [preload] = builtFiles("app").filter(([name]) => name === "preload.cjs");
  expect([...(preload?.[1] ?? "").matchAll(/require\("([^"]+)"\)/g)].map((found) => found[1])).toEqual(["electron"]);
});

describe.skipIf(isRealElectron)("5 permissions", () => {
  const granted = async (permission: string, url: string): Promise<boolean[]> =>
    launched.app.evaluate(
      (electron, [name, address]) => {
        const { record: kept } = (electron as unknown as { host: { record: typeof hostRecord } }).host;
        const contents = { mainFrame: { url: address, parent: null } };
        let requested = true;
        kept.permissionRequestHandler?.(contents, name, (isGranted) => (requested = isGranted));
        return [requested, kept.permissionCheckHandler?.(contents, name) ?? true, kept.devicePermissionHandler?.() ?? true];
      },
      [permission, url] as const,
    );

  test.each(["media", "geolocation", "notifications", "midi", "midiSysex", "pointerLock", "fullscreen", "openExternal", "clipboard-read", "hid", "serial", "usb", "display-capture", "fileSystem", "storage-access"])(
    "%s is refused",
    async (permission) => {
      expect(await granted(permission, "app://lab/index.html")).toEqual([false, false, false]);
    },
  );

  test("putting a report on the clipboard is granted, to the app's own page only", async () => {
    expect(await granted("clipboard-sanitized-write", "app://lab/index.html")).toEqual([true, true, false]);
    expect(await granted("clipboard-sanitized-write", "https://example.org/")).toEqual([false, false, false]);
  });
});

test("7 the policy is on the page, and Chromium holds to it", async () => {
  const { page } = launched;
  const headers = (await page.evaluate(`fetch(location.href).then((answer) => [answer.headers.get("content-security-policy"), answer.headers.get("x-content-type-options")])`)) as string[];
  expect(headers).toEqual([contentSecurityPolicy, "nosniff"]);
  const tried = await page.evaluate(`new Promise((resolve) => {
    const violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.wasRun = true";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "https://example.org/x.png";
    document.body.append(image);
    let evaluated = "ran";
    // Later: what is evaluated from outside may itself evaluate.
    setTimeout(() => { try { (0, eval)("1"); } catch (error) { evaluated = error.name; } });
    setTimeout(() => { script.remove(); image.remove(); resolve([typeof window.wasRun, evaluated, [...new Set(violations)].sort()]); }, 200);
  })`);
  expect(tried).toEqual(["undefined", "EvalError", ["img-src", "script-src", "script-src-elem"]]);
});

test("7 the page itself breaks none of it", async () => {
  const { page } = launched;
  await page.addInitScript("window.violations = []; document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective + ' ' + event.blockedURI));");
  await page.reload();
  await page.waitForLoadState("load");
  expect(await page.evaluate("window.violations")).toEqual([]);
});

test("11, 12 a webview is never attached", async () => {
  const wasPrevented = await launched.app.evaluate(({ BrowserWindow }) => {
    let isPrevented = false;
    BrowserWindow.getAllWindows()[0]?.webContents.emit("will-attach-webview", { preventDefault: () => (isPrevented = true) }, {}, {});
    return isPrevented;
  });
  expect(wasPrevented).toBe(true);
});

test.each([
  ["a link", "const a = document.createElement('a'); a.href = 'https://example.org/link'; document.body.append(a); a.click(); a.remove();"],
  ["an address set by a script", "location.href = 'https://example.org/location';"],
  ["a form", "const form = document.createElement('form'); form.method = 'post'; form.action = 'https://example.org/form'; document.body.append(form); form.submit(); form.remove();"],
  ["a refresh", "const meta = document.createElement('meta'); meta.httpEquiv = 'refresh'; meta.content = '0; url=https://example.org/refresh'; document.head.append(meta);"],
  ["a file", "location.href = 'file:///etc/passwd';"],
  ["a host that looks like ours", "location.href = 'app://lab.evil/index.html';"],
])("13 the page stays where it is: %s", async (_, script) => {
  const { page } = launched;
  await page.evaluate(`(() => { ${script} })()`);
  await page.waitForTimeout(300);
  expect(await page.evaluate("[document.title, document.readyState]")).toEqual(["Swaplab", "complete"]);
  expect(await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL())).toMatch(/^app:\/\/lab\/index\.html/);
  if (!isRealElectron) expect(await record("external")).toEqual([]);
});

test("14, 15 no second window is opened; an allowed link goes to the desktop, others nowhere", async () => {
  const { app, page } = launched;
  await page.evaluate("window.open('https://lore.kernel.org/linux-mm/'); undefined");
  await page.evaluate("window.open('https://example.org/'); window.open('file:///etc/passwd'); window.open('javascript:alert(1)'); undefined");
  await page.evaluate("const a = document.createElement('a'); a.href = 'https://example.org/blank'; a.target = '_blank'; document.body.append(a); a.click(); a.remove();");
  await page.waitForTimeout(500);
  expect(app.windows()).toHaveLength(1);
  if (!isRealElectron) expect(await record("openExternal")).toEqual(["https://lore.kernel.org/linux-mm/"]);
});

test("16 Electron is pinned exactly", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
  expect(devDependencies["electron"]).toMatch(/^\d+\.\d+\.\d+$/);
});

describe("17 who sends is looked at, on every channel", () => {
  /** Opens a connection and asks, as if from a frame; every other channel gets the same. How often its page was answered. */
  const answersTo = async (frame: { url: string; parent: object | null } | null): Promise<number> =>
    launched.app.evaluate(async ({ ipcMain }, senderFrame) => {
      let answerCount = 0;
      const sender = { send: () => answerCount++, on: () => undefined, isDestroyed: () => false };
      const others = ipcMain.eventNames().map(String).filter((name) => !name.endsWith(":close"));
      for (const channel of ["lab:open", ...others.filter((name) => name !== "lab:open")]) ipcMain.emit(channel, { sender, senderFrame }, { type: "call", id: 1, name: "about", request: {} });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      ipcMain.emit("lab:close", { sender, senderFrame }, undefined);
      return answerCount;
    }, frame);

  test("the window's own page is answered", async () => {
    expect(await answersTo({ url: "app://lab/index.html", parent: null })).toBe(1);
  });

  test.each([
    ["a frame that is gone", null],
    ["a document inside ours", { url: "app://lab/index.html", parent: {} }],
    ["a foreign page", { url: "https://example.org/", parent: null }],
    ["a host that looks like ours", { url: "app://lab.evil/", parent: null }],
  ])("%s is not", async (_, frame) => {
    expect(await answersTo(frame)).toBe(0);
  });

  test("no channel is listened to but through that look", () => {
    for (const [name, text] of sources) expect(text.match(/ipcMain\s*\.\s*\w+/g) ?? [], name).toEqual(name === "page-channel.ts" ? ["ipcMain.on"] : []);
  });
});

test("18 the page comes over the app's own scheme", async () => {
  expect(await launched.app.evaluate(({ protocol }) => [protocol.isProtocolHandled("app"), protocol.isProtocolHandled("file")])).toEqual([true, isRealElectron]);
  for (const [name, text] of sources) expect(text, name).not.toMatch(/file:\/\/|loadFile/);
});

test("19 is in package.test.ts", () => {
  expect(readFileSync(join(root, "electron-builder.yml"), "utf8")).toMatch(/electronFuses:/);
});

test("20 one thing more than a blank page has: the bridge, which takes no other", async () => {
  const { page } = launched;
  const own = (await page.evaluate(`(() => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    const blank = new Set(Object.getOwnPropertyNames(frame.contentWindow));
    frame.remove();
    return Object.getOwnPropertyNames(window).filter((name) => !blank.has(name) && !/^\\d+$/.test(name));
  })()`)) as string[];
  expect(own.filter((name) => !["violations", "wasRun"].includes(name) && !name.startsWith("__playwright"))).toEqual(["swaplab"]);
  const replaced = await page.evaluate(`(() => {
    "use strict";
    const tries = [() => { window.swaplab = 1; }, () => { swaplab.send = 1; }, () => { delete window.swaplab; }, () => { swaplab.more = 1; }];
    return tries.map((attempt) => { try { attempt(); return "done"; } catch (error) { return error.name; } });
  })()`);
  expect(replaced).toEqual(Array(4).fill("TypeError"));
});
