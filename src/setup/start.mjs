// @ts-check
// `npm start`: sets up what is missing, then becomes the command line; without a word, on a desktop, the app or its page.
import { pathToFileURL } from "node:url";
import { ensureApp } from "./app.mjs";
import { bundlePath, ensureBundle } from "./bundle.mjs";
import { runChild } from "./children.mjs";
import { findElectron, hasDesktop } from "./electron.mjs";
import { ensurePage } from "./page.mjs";
import { say } from "./say.mjs";
import { root, setUp } from "./setup.mjs";

/** The longest that a timer can be: a window is open as long as its owner likes. */
const windowDeadlineMs = 2 ** 31 - 1;

await setUp(async () => {
  if (process.argv.length === 2 && hasDesktop({ environment: process.env, isTerminal: process.stderr.isTTY })) await openWindow();
  await ensureBundle(root);
  if (process.argv[2] === "serve") await ensurePage(root);
});
process.argv[1] = bundlePath(root);
await import(pathToFileURL(bundlePath(root)).href);

/** Shows the app until its window is closed, and ends with it; where there is no Electron, has the browser show the same. */
async function openWindow() {
  const electron = await findElectron(root);
  if (electron.path === null) {
    say(`${electron.reason}, so the page opens in your browser.`);
    process.argv.push("serve", "--open");
    return;
  }
  await ensureApp(root);
  say("opening the window; closing it, or Ctrl-C here, ends every guest");
  const { exitCode } = await runChild(electron.path, [root], { deadlineMs: windowDeadlineMs, isShown: true });
  process.exit(exitCode);
}
