// @ts-check
// `npm start`: sets up what is missing, then becomes the command line.
import { pathToFileURL } from "node:url";
import { bundlePath, ensureBundle } from "./bundle.mjs";
import { ensurePage } from "./page.mjs";
import { root, setUp } from "./setup.mjs";

await setUp(async () => {
  await ensureBundle(root);
  // Without a word it is the page as well, where there is a desktop.
  if ((process.argv[2] ?? "serve") === "serve") await ensurePage(root);
});
process.argv[1] = bundlePath(root);
await import(pathToFileURL(bundlePath(root)).href);
