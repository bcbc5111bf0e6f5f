import type { Electron } from "./electron.ts";

/** Runs the app named on the command line, as Electron's own first program does. */
const { host } = require("electron") as Electron;
void host.start(process.argv.slice(2));
