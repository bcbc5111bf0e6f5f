import { build, type BuildOptions } from "esbuild";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Makes a folder that can stand where Electron's own would: `electron` and what it needs. */
export async function buildHost(folder: string): Promise<void> {
  const source = import.meta.dirname;
  mkdirSync(folder, { recursive: true });
  const common: BuildOptions = { bundle: true, logLevel: "silent", target: "node20" };
  const node: BuildOptions = { ...common, platform: "node", format: "cjs", external: ["electron"] };
  await Promise.all([
    ...["host", "boot", "parent-port"].map(async (name) => build({ ...node, entryPoints: [join(source, `${name}.ts`)], outfile: join(folder, `${name}.cjs`) })),
    build({ ...common, platform: "browser", format: "iife", globalName: "electronHostPage", target: "chrome123", entryPoints: [join(source, "page/page.ts")], outfile: join(folder, "page.js") }),
  ]);
  copyFileSync(join(source, "electron.sh"), join(folder, "electron"));
  chmodSync(join(folder, "electron"), 0o755);
}
