// @ts-check
// The page: what the browser and the desktop window show, built by Vite into plain files.
import { existsSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { isFresh } from "./bundle.mjs";
import { SetupError } from "./children.mjs";

/** The page's folder, and in it the file that tells how old it is. */
const output = "dist/page";
const pageFile = "dist/page/index.html";

/** @type {import("./bundle.mjs").Bundle} */
const page = { entry: "renderer/index.html", output: pageFile, sources: ["renderer", "src/model", "src/workload", "src/compare", "src/races", "src/report", "src/api", "package.json", "package-lock.json"] };

/**
 * Builds the page when one of its sources is newer.
 *
 * @param {string} root
 */
export async function ensurePage(root) {
  if (isFresh(root, page)) return;
  const target = join(root, output);
  const built = `${target}.${process.pid}`;
  const started = new Date();
  const { build } = await import("vite");
  try {
    await build({
      configFile: false,
      root: join(root, "renderer"),
      // Where the page is put is the server's and the window's business.
      base: "./",
      logLevel: "error",
      build: { outDir: built, emptyOutDir: true, target: "chrome123", modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
      oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    });
    utimesSync(join(built, "index.html"), started, started);
    if (existsSync(target)) renameSync(target, `${built}.old`);
    renameSync(built, target);
  } catch (error) {
    throw new SetupError(`The page does not build:\n${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(built, { recursive: true, force: true });
    rmSync(`${built}.old`, { recursive: true, force: true });
  }
}
