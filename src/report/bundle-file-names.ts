/** The files of a run's bundle. The workload as its author wrote it keeps its own form. */
export const bundleFileNames = [
  "result.json",
  "qemu-command.txt",
  "console.log",
  "wire.log",
  "workload.json",
  "original.toml",
  "original.json",
  "model-trace.txt",
  "slot-maps.bin",
  "program-stdout.txt",
  "program-stderr.txt",
  "provenance.json",
] as const;

export type BundleFileName = (typeof bundleFileNames)[number];
