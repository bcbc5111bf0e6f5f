import Module from "node:module";
import { app } from "./app.ts";
import { electron } from "./electron.ts";

/**
 * Loaded before anything else: makes `require("electron")` this host. It never says it is an Electron of some
 * version: no log and no picture may claim one.
 */
Object.assign(process.versions, { electron: "0.0.0-host" });
Object.assign(process, { type: "browser" });

const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
const load = loader._load;
loader._load = (request, ...rest) => (request === "electron" || request === "electron/main" ? electron : load(request, ...rest));

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => app.quit());
