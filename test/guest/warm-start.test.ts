import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../../src/report/result.ts";
import { useOwnCache, useOwnFolder } from "./places.ts";
import { type Asked, runExperiment, story } from "./runs.ts";

const cache = useOwnCache(useOwnFolder());

/** What swapon draws at random on 6.1; the model is told. */
const isDrawn = (name: string): boolean => name.endsWith(".cursor.scan_start");

/** Everything that was compared: step, name, and what both sides said. What is only bounded may differ from run to run. */
const compared = (result: Result): string[] =>
  result.steps.flatMap(({ index, text, checks }) =>
    checks.map(({ name, kind, model, real }) => `${index} ${text}: ${name} ${kind}${kind === "bounded" || isDrawn(name) ? "" : ` ${model} ${real}`}`),
  );

async function run(asked: Asked): Promise<Result> {
  const { result } = await runExperiment({ device: "nvme", ...asked });
  expect(result.verdict, story(result)).toBe("pass");
  return result;
}

/** Folders of saved states; one that is being made has a name with a dot. */
const savedStates = async (): Promise<string[]> => (await readdir(join(cache, "states")).catch(() => [])).filter((name) => !name.startsWith("."));

describe.each([
  ["6.1", "2048kB"],
  ["6.12", "64kB"],
])("a guest with %s from a saved state", (kernel, folio) => {
  let first: Result;
  beforeAll(async () => {
    first = await run({ experiment: "munmap-after-pageout", kernel, folio });
  });

  test("is made by the first run and taken by the second, which finds the same", async () => {
    const second = await run({ experiment: "munmap-after-pageout", kernel, folio });
    expect([first.host.start, second.host.start], story(second)).toEqual(["booted", "restored"]);
    expect([first.remarks, second.remarks]).toEqual([[], []]);
    expect(compared(second)).toEqual(compared(first));
  });

  // Not brim: on 6.1 its scan starts at a slot that every swapon draws anew.
  test.each(["read-back", "swapoff-with-pages-out"])("finds what one that has booted finds: %s", async (experiment) => {
    const warm = await run({ experiment, kernel, folio });
    const cold = await run({ experiment, kernel, folio, cold: true });
    expect([warm.host.start, cold.host.start]).toEqual(["restored", "booted"]);
    expect(compared(warm).length).toBeGreaterThan(100);
    expect(compared(warm)).toEqual(compared(cold));
  });
});

test("two runs at once from nothing pass both and make one state between them", async () => {
  const before = await savedStates();
  const asked = { experiment: "partial-unmap", kernel: "6.12", folio: "64kB", device: "scsi-ssd" };
  const [one, other] = await Promise.all([run(asked), run(asked)]);
  expect([one.host.start, other.host.start, one.remarks, other.remarks]).toEqual(["booted", "booted", [], []]);
  expect(one.run).not.toBe(other.run);
  expect(compared(one)).toEqual(compared(other));
  expect(await savedStates()).toHaveLength(before.length + 1);
});

/** In the middle of a state is the guest's memory. */
async function change(path: string, damage: (bytes: Buffer) => void, sizeBytes: number): Promise<void> {
  const { size } = await stat(path);
  const bytes = Buffer.alloc(sizeBytes);
  const file = await open(path, "r+");
  try {
    await file.read(bytes, 0, sizeBytes, Math.floor(size / 2));
    damage(bytes);
    await file.write(bytes, 0, sizeBytes, Math.floor(size / 2));
  } finally {
    await file.close();
  }
}

test("a saved state that is damaged is said, thrown away and made again", async () => {
  const asked = { experiment: "fork-then-unmap", kernel: "6.12", folio: "64kB", device: "brd" };
  const before = await savedStates();
  const sound = await run(asked);
  const made = (await savedStates()).filter((name) => !before.includes(name));
  expect(made).toHaveLength(1);
  const path = join(cache, "states", made[0] ?? "", "state");

  const damages: readonly [RegExp, (bytes: Buffer) => void, number][] = [
    // One bit, of which QEMU takes no notice.
    [/^the saved state was not used: its content is damaged$/, (bytes) => bytes.writeUInt8(bytes.readUInt8(0) ^ 1), 1],
    [/^the saved state was not used: /, (bytes) => bytes.fill(0xa5), 16 * 1024],
  ];
  for (const [remark, damage, sizeBytes] of damages) {
    await change(path, damage, sizeBytes);
    const rebuilt = await run(asked);
    expect([rebuilt.host.start, rebuilt.remarks]).toEqual(["booted", [expect.stringMatching(remark)]]);
    const next = await run(asked);
    expect([next.host.start, next.remarks]).toEqual(["restored", []]);
    expect([compared(rebuilt), compared(next)]).toEqual([compared(sound), compared(sound)]);
  }
});
