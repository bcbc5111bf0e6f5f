import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "./frame.ts";
import { GuestReader } from "./guest-reader.ts";
import { decodeMessage } from "./messages.ts";
import { decodePayload } from "./payload.ts";

function decode(text: string): ReturnType<typeof decodeMessage> {
  const payload = decodePayload(text);
  if (payload === null) throw new Error(`not a payload: ${text}`);
  return decodeMessage(payload);
}

const good = [
  ["hello proto=1 release=6.12 version=%231%20SMP machine=x86_64 page=4096 cpus=1 memkb=990316", { kind: "hello", protocol: 1, version: "#1 SMP", pageBytes: 4096, memoryKb: 990316 }],
  ["fact kind=module name=brd status=ok detail=", { kind: "module", name: "brd", status: "ok" }],
  ["fact kind=disk serial=s path=/dev/sda rotational=0 bytes=536870912 node=-1", { kind: "disk", rotational: false, sizeBytes: 536870912, node: -1 }],
  ["fact kind=probe name=f symbol=f.isra.0 status=ok detail=", { kind: "probe", name: "f", symbol: "f.isra.0" }],
  ["fact kind=return name=f symbol= status=absent detail=", { kind: "return", status: "absent" }],
  ["fact kind=folio kb=64", { kind: "folio-size", sizeKb: 64 }],
  ["fact kind=symbol name=swap_info present=1 address=18446744071590707200", { kind: "symbol", present: true, address: "18446744071590707200" }],
  ["fact kind=lack what=CONFIG_SWAP detail=/proc/swaps", { kind: "lack", what: "CONFIG_SWAP" }],
  ["fact kind=missed name=f of=calls count=2", { kind: "missed", name: "f", of: "calls", count: 2 }],
  ["vm pswpin=0 pswpout=4096", { kind: "vmstat", values: new Map([["pswpin", 0], ["pswpout", 4096]]) }],
  ["folio kb=64 swpout=256", { kind: "folio-stats", sizeKb: 64, values: new Map([["swpout", 256]]) }],
  ["swaps area=slow type=0 path=/dev/sda sizekb=65532 usedkb=16384 prio=-2", { kind: "swap-area", name: "slow", usedKb: 16384, priority: -2 }],
  ["calls put_swap_folio=8", { kind: "calls", values: new Map([["put_swap_folio", 8]]) }],
  ["ret name=__try_to_reclaim_swap value=-512 hits=1", { kind: "returned", value: -512, hits: 1 }],
  [
    "run process=main region=a r=0+512:s1@16384,512+4:p,516+1:n",
    {
      kind: "runs",
      runs: [
        { kind: "swap", firstPage: 0, pageCount: 512, swapType: 1, offset: 16384 },
        { kind: "present", firstPage: 512, pageCount: 4 },
        { kind: "none", firstPage: 516, pageCount: 1 },
      ],
    },
  ],
  ["thread role=write pieces=2000", { kind: "thread", role: "write", pieces: 2000 }],
  ["wrong page=3 word=5 held_page=9 held_write=2 held_word=5 oldest=4 newest=6 zero=0", { kind: "wrong", page: 3, word: 5, held: { page: 8, write: 2, word: 5 }, oldest: 4, newest: 6, mayBeZero: false }],
  ["wrong page=3 word=5 held_page=0 held_write=0 held_word=0 oldest=4 newest=4 zero=1", { kind: "wrong", page: 3, word: 5, held: null, oldest: 4, newest: 4, mayBeZero: true }],
  ["read bad=0", { kind: "read", wrongPages: 0 }],
  ["took ns=20488317", { kind: "took", nanoseconds: 20488317 }],
  ["out stream=1 at=1440 data=Zm9vYg", { kind: "output", stream: 1, at: 1440, bytes: new TextEncoder().encode("foob") }],
  ["ended how=signal value=11 left=2 stuck=0 oom=1 out=120 err=0", { kind: "ended", how: "signal", value: 11, leftBehind: 2, stuck: 0, oomKills: 1, outputBytes: [120, 0] }],
  ["done seq=3 status=failed detail=free:%20EINVAL errno=EINVAL us=12 sent=3", { kind: "done", request: 3, status: "failed", errno: "EINVAL" }],
  ["nak want=3", { kind: "nak", want: 3 }],
  ["again seq=3", { kind: "again", request: 3 }],
  ["alive progress=85644", { kind: "alive", progress: 85644 }],
  ["end steps=5 sent=189", { kind: "end", steps: 5, sentMessages: 189 }],
] as const;

test.each(good)("%s", (text, expected) => {
  expect(decode(text)).toMatchObject({ ok: true, message: expected });
});

describe("a message that misses a field or has a bad one means nothing", () => {
  test.each(good.flatMap(([text]) => text.split(" ").slice(1).filter((field) => /^(kind|proto|how|stream|seq|kb|r|bad|want|progress|name|value|steps|hits|usedkb)=/.test(field)).map((field) => [text, field])))(
    "%s without %s",
    (text, field) => {
      expect(decode(text.replace(` ${field}`, ""))).toMatchObject({ ok: false });
    },
  );

  test.each([
    "vm pswpin=x",
    "vm pswpin=-1",
    "vm pswpin=1e3",
    "vm pswpin=9007199254740993",
    "calls f=",
    "folio kb=64 swpout=0x10",
    "swaps area=slow type=0 path=/dev/sda sizekb=65532 usedkb=1.5 prio=-2",
    "ret name=f value=--1 hits=1",
    "ret name=f value=-0 hits=1",
    "run process=main region=a r=",
    "run process=main region=a r=0+0:p",
    "run process=main region=a r=0+1:p,",
    "run process=main region=a r=0+1:q",
    "run process=main region=a r=0+1:s0",
    "run process=main region=a r=0+1:s0@9007199254740993",
    "fact kind=disk serial=s path=/dev/sda rotational=2 bytes=1 node=0",
    "fact kind=probe name=f symbol=f status=maybe detail=",
    "fact kind=toString name=f",
    "done seq=3 status=fine detail= errno= us=1 sent=1",
    "constructor",
    "hasOwnProperty a=1",
    "reboot now=1",
  ])("%s", (text) => {
    expect(decode(text)).toMatchObject({ ok: false, problem: expect.stringMatching(/./) });
  });
});

test("any payload is decoded or refused, never thrown on", () => {
  const word = fc.constantFrom("vm", "fact", "run", "kind", "r", "seq", "done", "0+1:p", "ok", "-1", "constructor", "__proto__");
  fc.assert(
    fc.property(word, fc.dictionary(word, word), (verb, fields) => {
      const decoded = decodeMessage({ verb, fields: new Map(Object.entries(fields)) });
      expect(typeof decoded.ok).toBe("boolean");
    }),
  );
});

test("the reader counts what it cannot believe and goes on", () => {
  const reader = new GuestReader();
  const events = reader.push(encodeFrame(0, "read bad=many") + encodeFrame(1, "read bad=0"));
  expect(events).toEqual([
    { kind: "bad", seq: 0, problem: "read: bad=many is not a number" },
    { kind: "message", seq: 1, message: { kind: "read", wrongPages: 0 } },
  ]);
  expect(reader.counters).toMatchObject({ messages: 2, badMessages: 1 });
  expect(reader.expectedSeq).toBe(2);
});
