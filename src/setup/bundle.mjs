// @ts-check
// The command line in one file, which Node loads faster than many and without a TypeScript loader.
import { readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./children.mjs";

/** What the bundle is made from. Folders count too: their times change when a file goes away. */
const sources = ["src", "vm-images/kernels.json", "package.json", "package-lock.json"];

/**
 * @param {string} path
 * @returns {number}
 */
function newestMs(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  let newest = found.mtimeMs;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name.endsWith(".test.ts")) continue;
    newest = Math.max(newest, newestMs(join(path, entry.name)));
  }
  return newest;
}

/** @param {string} root */
function isFresh(root) {
  const bundle = statSync(bundlePath(root), { throwIfNoEntry: false });
  return bundle !== undefined && sources.every((source) => newestMs(join(root, source)) < bundle.mtimeMs);
}

/** @param {string} root */
export function bundlePath(root) {
  return join(root, "dist/cli.mjs");
}

/**
 * Builds dist/cli.mjs when a source is newer.
 *
 * @param {string} root
 */
export async function ensureBundle(root) {
  if (isFresh(root)) return;
  const target = bundlePath(root);
  const built = `${target}.${process.pid}`;
  const started = new Date();
  const { build } = await import("esbuild");
  try {
    await build({
      entryPoints: [join(root, "src/cli/main.ts")],
      outfile: built,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      // Packages in the older module format ask for Node's own modules through require.
      banner: { js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);' },
    });
    // As old as the sources it was read from: one that changed meanwhile is newer.
    utimesSync(built, started, started);
    // Two that start at once each rename a whole file.
    renameSync(built, target);
  } catch (error) {
    rmSync(built, { force: true });
    throw new SetupError(`The sources do not build:\n${error instanceof Error ? error.message : String(error)}`);
  }
}
