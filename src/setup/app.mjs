// @ts-check
// The desktop app's programs and its page, built.
import { appBundles, ensureBundle } from "./bundle.mjs";
import { ensurePage } from "./page.mjs";

/** @param {string} root */
export async function ensureApp(root) {
  for (const bundle of appBundles) await ensureBundle(root, bundle);
  await ensurePage(root);
}
