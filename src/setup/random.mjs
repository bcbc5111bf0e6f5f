// @ts-check
// `npm run random`: sets up what is missing, then runs random op lists on guests and model.
import { pathToFileURL } from "node:url";
import { bundlePath, ensureBundle, randomBundle } from "./bundle.mjs";
import { root, setUp } from "./setup.mjs";

await setUp(async () => ensureBundle(root, randomBundle));
process.argv[1] = bundlePath(root, randomBundle);
await import(pathToFileURL(bundlePath(root, randomBundle)).href);
