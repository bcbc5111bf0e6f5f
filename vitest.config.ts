import { defineConfig } from "vitest/config";

const setupFiles = ["src/setup/worker.mjs"];

export default defineConfig({
  test: {
    projects: [
      // Beside the code, without guests or network.
      { test: { name: "unit", include: ["src/**/*.test.ts", "main/**/*.test.ts", "renderer/**/*.test.ts", "test/random/**/*.test.ts"], exclude: ["src/**/*.process.test.ts"], setupFiles } },
      // Beside the code too, but with processes that are started, watched and killed: they take seconds each.
      { test: { name: "process", include: ["src/**/*.process.test.ts"], setupFiles } },
      // A second model beside the first, a million ops of it and the races under SPIN: a minute.
      { test: { name: "model", include: ["test/naive/**/*.test.ts", "test/races/**/*.test.ts"], setupFiles, testTimeout: 240_000 } },
      // The page as it is built, in a real Chromium, with a sample of a lab behind it.
      { test: { name: "page", include: ["test/page/**/*.test.ts"], setupFiles, fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 } },
      // The desktop app in a real Chromium: on Electron itself where it is installed, else on a stand-in.
      { test: { name: "app", include: ["test/app/**/*.test.ts"], setupFiles, fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000 } },
      // Real guests, one at a time: each takes a core, and a loaded machine makes deadlines lie.
      { test: { name: "guest", include: ["test/guest/**/*.test.ts"], setupFiles, fileParallelism: false, testTimeout: 180_000, hookTimeout: 600_000 } },
      // The kernels of the catalogue that the tests before do not boot, which takes long: not part of `npm test`.
      { test: { name: "ladder", include: ["test/ladder/**/*.test.ts"], setupFiles, fileParallelism: false, testTimeout: 180_000, hookTimeout: 600_000 } },
    ],
  },
});
