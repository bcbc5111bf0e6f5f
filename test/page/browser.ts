import { chromium, type Browser } from "playwright-core";
import { findProgram } from "../../src/lab/process.ts";

/** Debian's Chromium, without a display and without a GPU. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? findProgram("chromium");
  if (executablePath === null) throw new Error("There is no chromium in PATH: apt-get install chromium, or name it in CHROMIUM.");
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath,
    args: [...root, "--headless=new", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
}
