import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Cdp } from "./cdp.ts";
import type { WebContents } from "./web-contents.ts";

const endDeadlineMs = 3000;

const fixedSwitches = [
  "--remote-debugging-pipe",
  "--no-startup-window",
  "--no-first-run",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--password-store=basic",
  "--hide-scrollbars",
];

/** Debian's Chromium, which draws the pages. Without a display it draws into memory. */
class Browser {
  readonly pages = new Map<string, WebContents>();
  private connection: Cdp | null = null;
  private child: ChildProcess | null = null;
  private profile = "";

  get cdp(): Cdp {
    if (this.connection === null) throw new Error("Chromium does not run yet");
    return this.connection;
  }

  async begin(switches: readonly string[], ended: () => void): Promise<void> {
    this.profile = mkdtempSync(join(tmpdir(), "electron-host-profile-"));
    const own = [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...(process.env["DISPLAY"] === undefined ? ["--headless=new"] : []),
      `--user-data-dir=${this.profile}`,
    ];
    const stdio = ["ignore", "ignore", "pipe", "pipe", "pipe"] as const;
    const child = spawn(process.env["CHROMIUM"] ?? "/usr/bin/chromium", [...fixedSwitches, ...own, ...switches], { stdio: [...stdio] });
    this.child = child;
    // Whoever drives the app waits for this line on its standard error.
    child.stderr?.on("data", (bytes: Buffer) => {
      for (const line of bytes.toString().split("\n")) if (line.startsWith("DevTools listening")) process.stderr.write(`${line}\n`);
    });
    child.once("exit", ended);
    this.connection = new Cdp(child.stdio[3] as Writable, child.stdio[4] as Readable);
    const { product } = await this.cdp.send<{ product: string }>("Browser.getVersion");
    Object.assign(process.versions, { chrome: product.split("/")[1] });
    this.cdp.on<{ sessionId: string; targetInfo: { targetId: string; openerId?: string; type: string } }>("", "Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      const opener = this.pages.get(targetInfo.openerId ?? "");
      if (opener !== undefined && targetInfo.type === "page") void opener.judgeOpened(targetInfo.targetId, sessionId);
      else void this.cdp.send("Runtime.runIfWaitingForDebugger", {}, sessionId).catch(() => undefined);
    });
    await this.cdp.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
  }

  async end(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      const deadline = setTimeout(() => child.kill("SIGKILL"), endDeadlineMs);
      this.cdp.send("Browser.close").catch(() => undefined);
      await gone;
      clearTimeout(deadline);
    }
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

export const browser = new Browser();
