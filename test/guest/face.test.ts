import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectClient } from "../../src/api/client.ts";
import { createService } from "../../src/api/service.ts";
import { transportPair } from "../../src/api/transport.ts";
import { createLab } from "../../src/lab/lab.ts";
import { describeSlot } from "../../src/report/slot-maps/describe.ts";
import { SlotMaps } from "../../src/report/slot-maps/slot-maps.ts";
import type { RunRequest } from "../../src/api/lab.ts";
import { defaultExperiment, defaultMemoryMb } from "../../src/api/request.ts";
import { useOwnFolder } from "./places.ts";

useOwnFolder();

const request: RunRequest = { experiment: defaultExperiment, kernel: "6.12", memoryMb: defaultMemoryMb, cold: false, set: {} };

function connect(): { client: ReturnType<typeof connectClient>; close: () => Promise<void> } {
  const [face, lab] = transportPair();
  const service = createService({ lab: createLab(), later: (callback, delayMs) => void setTimeout(callback, delayMs) });
  service.connect(lab);
  return { client: connectClient(face), close: async () => service.close("the test is over") };
}

test("a face sees a run as it happens, and has a shell in the guest afterwards", async () => {
  const { client } = connect();
  const stages: string[] = [];
  const steps: { index: number; swappedOut: [number | undefined, number | undefined] }[] = [];
  const maps = new SlotMaps();
  let console = "";
  const run = client.start("run", { run: request, keepGuest: true }, {
    onOutput: (bytes) => {
      console += new TextDecoder().decode(bytes);
      if (console.includes("the answer is 42")) run.endInput();
    },
    onProgress: (event) => {
      if (event.kind === "stage") stages.push(event.stage);
      else if (event.kind === "step") {
        steps.push({ index: event.index, swappedOut: [event.model.vmstat["pswpout"], event.kernel.vmstat["pswpout"]] });
        maps.append(event.map!);
      } else void run.send(new TextEncoder().encode("echo the answer is $((6 * 7))\n"));
    },
  });
  const { result, bundlePath } = await run.done;
  expect(result.verdict).toBe("pass");
  expect(stages).toContain("pageout");
  expect(steps.map(({ index }) => index)).toEqual(result.steps.map(({ index }) => index));
  const pageout = result.steps.findIndex(({ op }) => op === "pageout");
  expect(steps[pageout]!.swappedOut).toEqual([4096, 4096]);

  const file = SlotMaps.of(await readFile(join(bundlePath, "slot-maps.bin")));
  expect(file.stepCount).toBe(result.steps.length);
  for (const step of result.steps.keys()) expect(file.at(step)).toEqual(maps.at(step));
  const { model, kernel, clusterSlots } = file.at(pageout)!.areas[0]!;
  expect(kernel).toEqual(model);
  const words = describeSlot(kernel!, 518, { clusterSlots, pageKb: 4 });
  expect(words).toMatch(/^slot 518  cluster 1  (?:64 kB folio, page 7 of 16, in cache|not in cache), count 1  page 6 of main\.a  since step \d$/);
});

test("a run that is stopped ends as stopped, and its guest with it", async () => {
  const { client, close } = connect();
  const controller = new AbortController();
  const done = client.call("run", { run: request, keepGuest: false }, {
    signal: controller.signal,
    onProgress: (event) => {
      if (event.kind === "step" && event.index === 1) controller.abort();
    },
  });
  await expect(done).rejects.toMatchObject({ kind: "stopped" });
  await close();
});
