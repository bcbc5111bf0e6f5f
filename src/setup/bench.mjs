// @ts-check
// `npm run bench`: sets up what is missing, then measures. The command line is built too: whole runs of it are timed.
import { pathToFileURL } from "node:url";
import { benchBundle, bundlePath, commandLineBundle, ensureBundle, slotsBundle } from "./bundle.mjs";
import { ensurePrograms, racePrograms } from "./programs.mjs";
import { root, setUp } from "./setup.mjs";

await setUp(async () => {
  await ensurePrograms(racePrograms);
  for (const bundle of [commandLineBundle, benchBundle, slotsBundle]) await ensureBundle(root, bundle);
});
process.argv[1] = bundlePath(root, benchBundle);
await import(pathToFileURL(bundlePath(root, benchBundle)).href);
