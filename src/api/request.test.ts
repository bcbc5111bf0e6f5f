import { expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { runCommandLine } from "../cli/cli.ts";
import type { RunRequest } from "./lab.ts";
import { runArguments } from "./request.ts";

test("a run's arguments ask for the same run again", async () => {
  const plain: RunRequest = { experiment: "brim", kernel: "6.1", memoryMb: 1024, cold: false, set: {} };
  const full: RunRequest = {
    experiment: "dir/my experiment.toml",
    kernel: "~/linux",
    device: "scsi-ssd",
    folio: "2048kB",
    size: "16M",
    swapSize: "32M",
    cpus: 2,
    set: { rounds: "4", note: "a b=c" },
    model: "6.12",
    memoryMb: 1536,
    accelerator: "kvm",
    cold: false,
    unprobed: true,
    instructionClock: true,
  };
  for (const request of [plain, full]) {
    const lab = fakeLab();
    await runCommandLine(runArguments(request), fakeContext({ lab }));
    expect(lab.runRequests).toEqual([request]);
  }
});
