// @ts-check
// `npm run bench`: sets up what is missing, then measures. The command line is built too: whole runs of it are timed.
import { pathToFileURL } from "node:url";
import { benchBundle, bundlePath, commandLineBundle, ensureBundle, slotsBundle } from "./bundle.mjs";
import { ensurePage } from "./page.mjs";
import { ensurePrograms, pagePrograms, racePrograms } from "./programs.mjs";
import { root, setUp } from "./setup.mjs";

// Every section when none is named.
const sections = process.argv.slice(2).filter((word) => !word.startsWith("-"));

await setUp(async () => {
  if (sections.length === 0 || sections.includes("page")) {
    await ensurePrograms(pagePrograms);
    await ensurePage(root);
  }
  await ensurePrograms(racePrograms);
  for (const bundle of [commandLineBundle, benchBundle, slotsBundle]) await ensureBundle(root, bundle);
});
process.argv[1] = bundlePath(root, benchBundle);
await import(pathToFileURL(bundlePath(root, benchBundle)).href);
