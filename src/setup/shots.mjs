// @ts-check
// `npm run shots`: sets up what is missing, then takes a picture of every view of the page, with real runs in it.
import { pathToFileURL } from "node:url";
import { bundlePath, ensureBundle, shotsBundle } from "./bundle.mjs";
import { ensurePage } from "./page.mjs";
import { ensurePrograms, pagePrograms } from "./programs.mjs";
import { root, setUp } from "./setup.mjs";

await setUp(async () => {
  await ensurePrograms(pagePrograms);
  await ensurePage(root);
  await ensureBundle(root, shotsBundle);
});
await import(pathToFileURL(bundlePath(root, shotsBundle)).href);
