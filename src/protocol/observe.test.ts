import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { PageRun } from "../workload/observation.ts";
import { decodeMessage, type DoneMessage } from "./messages.ts";
import { Observer } from "./observe.ts";
import { areContiguous, mergeRuns } from "./page-runs.ts";
import { decodePayload } from "./payload.ts";

/** Hands payloads to the observer and a `done` that fits; returns that `done`. */
function tell(observer: Observer, payloads: readonly string[], done: Partial<DoneMessage> = {}): DoneMessage {
  for (const text of payloads) {
    const payload = decodePayload(text);
    const decoded = payload === null ? null : decodeMessage(payload);
    if (decoded?.ok !== true) throw new Error(`bad test message: ${text}`);
    observer.accept(decoded.message);
  }
  const message: DoneMessage = { kind: "done", request: 1, status: "ok", detail: "", errno: "", tookUs: 5, sentMessages: payloads.length + 1, ...done };
  observer.accept(message);
  return message;
}

const baseline = ["vm pswpout=10 nr_swapcached=3 swap_ra=5", "folio kb=64 swpout=2 nr_anon=7", "calls f=100 g=5", "ret name=f value=1 hits=4"];

function observerAtBaseline(): Observer {
  const observer = new Observer();
  expect(observer.baseline(tell(observer, baseline))).toBeNull();
  return observer;
}

describe("an observation", () => {
  test("holds differences of counters, gauges as they are, and the state", () => {
    const observer = observerAtBaseline();
    const done = tell(observer, [
      "vm pswpout=4106 nr_swapcached=4096 swap_ra=5",
      "folio kb=64 swpout=258 nr_anon=0",
      "swaps area=swap type=0 path=/dev/sda sizekb=65532 usedkb=16384 prio=-2",
      "calls f=356",
      "calls g=5",
      "alive progress=7",
      "ret name=f value=1 hits=4",
      "ret name=f value=-16 hits=256",
      "run process=main region=a r=0+512:s0@512,512+100:s0@1024",
      "run process=main region=a r=612+412:s0@1124,1024+1:p",
      "run process=c1 region=a r=0+1025:n",
      "read bad=2",
    ]);
    expect(observer.observe(3, done)).toEqual({
      ok: true,
      observation: {
        step: 3,
        vmstat: { pswpout: 4096, swap_ra: 0 },
        gauges: { nr_swapcached: 4096 },
        folioStats: { 64: { swpout: 256, nr_anon: -7 } },
        calls: { f: 256, g: 0 },
        returns: { f: { "-16": 256 } },
        swapAreas: [{ name: "swap", swapType: 0, sizeKb: 65532, usedKb: 16384, priority: -2 }],
        placements: [
          {
            process: "main",
            region: "a",
            runs: [
              { kind: "swap", firstPage: 0, pageCount: 1024, swapType: 0, offset: 512 },
              { kind: "present", firstPage: 1024, pageCount: 1 },
            ],
          },
          { process: "c1", region: "a", runs: [{ kind: "none", firstPage: 0, pageCount: 1025 }] },
        ],
        wrongPages: 2,
        errno: "",
      },
    });
  });

  test("each step counts from the one before", () => {
    const observer = observerAtBaseline();
    observer.observe(0, tell(observer, ["vm pswpout=20", "calls f=110"]));
    expect(observer.observe(1, tell(observer, ["vm pswpout=25", "calls f=111"]))).toMatchObject({
      ok: true,
      observation: { vmstat: { pswpout: 5 }, calls: { f: 1 } },
    });
  });

  test("what happens between a step and a later baseline belongs to no step", () => {
    const observer = observerAtBaseline();
    observer.observe(0, tell(observer, ["vm pswpout=20"]));
    expect(observer.baseline(tell(observer, ["vm pswpout=50"]))).toBeNull();
    expect(observer.observe(1, tell(observer, ["vm pswpout=51"]))).toMatchObject({ ok: true, observation: { vmstat: { pswpout: 1 } } });
  });

  test("an op whose system call failed is an observation too", () => {
    const observer = observerAtBaseline();
    const done = tell(observer, ["vm pswpout=10"], { status: "failed", detail: "swapoff: ENOMEM", errno: "ENOMEM" });
    expect(observer.observe(0, done)).toMatchObject({ ok: true, observation: { errno: "ENOMEM" } });
  });
});

describe("an answer that is not whole is not believed", () => {
  test.each([
    ["a message was lost", ["vm pswpout=10"], { sentMessages: 3 }, "sent 3 messages, 2 arrived"],
    ["the process was killed", ["vm pswpout=10"], { status: "failed", detail: "killed by signal 9" }, "killed by signal 9"],
    ["no state came", [], {}, "/proc/vmstat"],
    ["pages are missing", ["vm pswpout=10", "run process=main region=a r=0+4:p,5+1:p"], {}, "a in main"],
    ["pages come twice", ["vm pswpout=10", "run process=main region=a r=0+4:p,3+1:p"], {}, "a in main"],
  ] as const)("%s", (_, payloads, done, problem) => {
    const observer = observerAtBaseline();
    expect(observer.observe(0, tell(observer, payloads, done))).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  test("what came before a repeated request is not counted", () => {
    const observer = observerAtBaseline();
    const done = tell(observer, ["nak want=3", "vm pswpout=11"], { sentMessages: 2 });
    expect(observer.observe(0, done)).toMatchObject({ ok: true });
  });

  test("nor is the answer of a request that is no step", () => {
    const observer = observerAtBaseline();
    tell(observer, ["fact kind=folio kb=64"]);
    observer.forget();
    expect(observer.observe(0, tell(observer, ["vm pswpout=11"]))).toMatchObject({ ok: true, observation: { vmstat: { pswpout: 1 } } });
  });
});

describe("merging runs", () => {
  /** One page each, as a run list would have it at its finest. */
  const pages = fc.array(fc.oneof(fc.constant<"present" | "none">("present"), fc.constant<"present" | "none">("none"), fc.nat({ max: 3 })), { maxLength: 60 }).map((states) =>
    states.map((state, page): PageRun => (typeof state === "string" ? { kind: state, firstPage: page, pageCount: 1 } : { kind: "swap", firstPage: page, pageCount: 1, swapType: state >> 1, offset: page + (state & 1) * 100 })),
  );
  const split = (runs: readonly PageRun[]): PageRun[] =>
    runs.flatMap((run) => Array.from({ length: run.pageCount }, (_, index): PageRun => (run.kind === "swap" ? { ...run, firstPage: run.firstPage + index, pageCount: 1, offset: run.offset + index } : { ...run, firstPage: run.firstPage + index, pageCount: 1 })));

  test("keeps every page, joins all that can be joined, and does nothing twice", () => {
    fc.assert(
      fc.property(pages, (runs) => {
        const merged = mergeRuns(runs);
        expect(split(merged)).toEqual(runs);
        expect(mergeRuns(merged)).toEqual(merged);
        const joinable = merged.some((run, index) => {
          const before = merged[index - 1];
          return before !== undefined && mergeRuns([before, run]).length === 1;
        });
        expect(joinable).toBe(false);
        expect(areContiguous(merged)).toBe(true);
      }),
    );
  });

  test("only neighbours whose offsets go on are one run", () => {
    const first: PageRun = { kind: "swap", firstPage: 0, pageCount: 2, swapType: 0, offset: 512 };
    expect(mergeRuns([first, { ...first, firstPage: 2, offset: 514 }])).toEqual([{ ...first, pageCount: 4 }]);
    expect(mergeRuns([first, { ...first, firstPage: 2, offset: 515 }])).toHaveLength(2);
    expect(mergeRuns([first, { ...first, firstPage: 2, offset: 514, swapType: 1 }])).toHaveLength(2);
    expect(mergeRuns([first, { ...first, firstPage: 3, offset: 514 }])).toHaveLength(2);
  });
});
