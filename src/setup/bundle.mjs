// @ts-check
// Programs in one file each, which Node loads faster than many and without a TypeScript loader.
import { readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./children.mjs";

/**
 * @typedef {object} Bundle
 * @property {string} entry
 * @property {string} output
 * @property {"cjs"} [format] for programs of Electron, which the older module format suits better: from an archive, and in a preload the only one
 * @property {readonly string[]} sources what it is made from. Folders count too: their times change when a file goes away
 */

const sources = ["src", "vm-images/kernels.json", "package.json", "package-lock.json"];

/** @type {Bundle} */
export const commandLineBundle = { entry: "src/cli/main.ts", output: "dist/cli.mjs", sources };

/** @type {Bundle} */
export const benchBundle = { entry: "test/bench/main.ts", output: "dist/bench.mjs", sources: [...sources, "test/bench", "test/races", "test/page", "test/fake-lab.ts"] };

/** @type {Bundle} */
export const slotsBundle = { entry: "test/bench/slots.ts", output: "dist/bench-slots.mjs", sources: [...sources, "test/bench"] };

/** @type {Bundle} */
export const randomBundle = { entry: "test/random/main.ts", output: "dist/random.mjs", sources: [...sources, "test/bench/folder.ts", "test/random"] };

/** @type {Bundle} */
export const shotsBundle = { entry: "test/page/shots.ts", output: "dist/shots.mjs", sources: [...sources, "test/page"] };

/**
 * What the desktop app's processes run: the window's, the lab's, and what the page is given.
 *
 * @type {readonly Bundle[]}
 */
export const appBundles = ["main", "lab", "preload"].map((name) => ({
  entry: `main/${name}.ts`,
  output: `dist/app/${name}.cjs`,
  format: "cjs",
  sources: [...sources, "main"],
}));

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

/**
 * @param {string} root
 * @param {Bundle} bundle
 */
export function isFresh(root, bundle) {
  const built = statSync(bundlePath(root, bundle), { throwIfNoEntry: false });
  return built !== undefined && bundle.sources.every((source) => newestMs(join(root, source)) < built.mtimeMs);
}

/**
 * @param {string} root
 * @param {Bundle} bundle
 */
export function bundlePath(root, bundle = commandLineBundle) {
  return join(root, bundle.output);
}

/** @type {import("esbuild").BuildOptions} */
const esmOptions = {
  format: "esm",
  // It finds files of its own beside itself.
  external: ["playwright-core"],
  // Packages in the older module format ask for Node's own modules through require.
  banner: { js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);' },
};

/** @type {import("esbuild").BuildOptions} */
const cjsOptions = {
  format: "cjs",
  external: ["electron"],
  define: { "import.meta.dirname": "__dirname" },
};

/**
 * Builds a bundle when one of its sources is newer.
 *
 * @param {string} root
 * @param {Bundle} bundle
 */
export async function ensureBundle(root, bundle = commandLineBundle) {
  if (isFresh(root, bundle)) return;
  const target = bundlePath(root, bundle);
  const built = `${target}.${process.pid}`;
  const started = new Date();
  const { build } = await import("esbuild");
  try {
    await build({
      entryPoints: [join(root, bundle.entry)],
      outfile: built,
      bundle: true,
      platform: "node",
      target: "node20",
      // Constants of other modules become numbers where they are used.
      minifySyntax: true,
      logLevel: "silent",
      ...(bundle.format === "cjs" ? cjsOptions : esmOptions),
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
