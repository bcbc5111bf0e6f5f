import { describe, expect, test } from "vitest";
import type { Op } from "../workload/ops.ts";
import { decodePayload, payloadMaxBytes } from "./payload.ts";
import { areaPayload, diskPayload, finishPayload, opPayload, policyPayload, preparePayloads, shellPayload } from "./requests.ts";

const range = { firstPage: 16, pageCount: 32 };
const ops: readonly (readonly [Op, string])[] = [
  [{ op: "map", in: "main", region: "a", pageCount: 4096, folioOrder: 4, share: "private" }, "op name=map in=main region=a pages=4096 order=4 share=private"],
  [{ op: "fill", in: "main", region: "a", range, pattern: { kind: "words" } }, "op name=fill in=main region=a first=16 count=32 pattern=words"],
  [{ op: "fill", in: "main", region: "a", range, pattern: { kind: "same-byte", byte: 255 } }, "op name=fill in=main region=a first=16 count=32 pattern=same-byte byte=255"],
  [{ op: "fill", in: "main", region: "a", range, pattern: { kind: "random", seed: 7 } }, "op name=fill in=main region=a first=16 count=32 pattern=random seed=7"],
  [{ op: "pageout", in: "c1", region: "a", range }, "op name=pageout in=c1 region=a first=16 count=32"],
  [{ op: "pageout", in: "c1", cpu: 1, region: "a", range }, "op name=pageout in=c1 cpu=1 region=a first=16 count=32"],
  [{ op: "unmap", in: "main", region: "a", range }, "op name=unmap in=main region=a first=16 count=32"],
  [{ op: "fork", in: "main", child: "c1" }, "op name=fork in=main child=c1"],
  [{ op: "exit", in: "c1" }, "op name=exit in=c1"],
  [{ op: "swapoff", in: "main", area: "slow" }, "op name=swapoff in=main area=slow"],
  [{ op: "note", in: "main", text: "50% done = half" }, "op name=note in=main text=50%25%20done%20%3D%20half"],
];

test.each(ops)("%j", (op, payload) => {
  expect(opPayload(op)).toBe(payload);
});

test("a note of any length and alphabet fits", () => {
  expect(decodePayload(opPayload({ op: "note", in: "main", text: "漢".repeat(5000) }))?.fields.get("text")).toBe("漢".repeat(200));
});

describe("prepare", () => {
  const request = { modules: ["scsi_mod", "sd_mod"], probes: ["f", "g"], returns: ["f"], symbols: ["swap_info"] } as const;

  test("names come before the request that acts on them", () => {
    expect(preparePayloads(request)).toEqual([
      "want probes=f,g",
      "want returns=f",
      "want symbols=swap_info",
      "prepare modules=scsi_mod,sd_mod",
    ]);
  });

  test("a list longer than a payload is cut between names, and no name is lost", () => {
    const names = Array.from({ length: 200 }, (_, index) => `a_function_with_a_name_${index}`);
    const payloads = preparePayloads({ ...request, probes: names, returns: [], symbols: [] });
    expect(payloads.length).toBeGreaterThan(2);
    expect(payloads.every((payload) => payload.length <= payloadMaxBytes)).toBe(true);
    expect(payloads.flatMap((payload) => decodePayload(payload)?.fields.get("probes")?.split(",") ?? [])).toEqual(names);
  });
});

test("the rest", () => {
  expect(diskPayload(0, "scsi-ssd", "disk 0")).toBe("disk number=0 serial=disk%200");
  expect(diskPayload(1, "nvme-hdd", "d")).toBe("disk number=1 serial=d rotational=1");
  expect(policyPayload([64, 2048], "shared")).toBe("policy folios=64,2048 who=shared");
  expect(policyPayload([], "private")).toBe("policy folios= who=private");
  expect(areaPayload({ name: "slow", device: "nvme", pageCount: 16384, priority: null }, 1, 65536)).toBe("area name=slow disk=1 kb=65536");
  expect(areaPayload({ name: "fast", device: "brd", pageCount: 2, priority: 0 }, 0, 8)).toBe("area name=fast disk=0 kb=8 prio=0");
  expect(shellPayload()).toBe("shell on=1");
  expect(finishPayload()).toBe("finish");
});
