// @ts-check
// Loaded by every test worker. One whose vitest was killed outright would live on, and with it the guests it
// has started: they are tied to the worker.
process.once("disconnect", () => process.exit(1));
