// @ts-check
// `npm run package -- ARGS`: sets up what is missing, builds the app and hands it to electron-builder.
import { join } from "node:path";
import { ensureApp } from "./app.mjs";
import { runChild } from "./children.mjs";
import { root, setUp } from "./setup.mjs";

const deadlineMs = 1_800_000;

await setUp(async () => {
  await ensureApp(root);
  const { exitCode } = await runChild(join(root, "node_modules/.bin/electron-builder"), process.argv.slice(2), { deadlineMs, cwd: root, isShown: true });
  process.exitCode = exitCode;
});
