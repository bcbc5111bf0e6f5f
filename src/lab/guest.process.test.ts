import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { encodeFrame } from "../protocol/frame.ts";
import { LabError } from "./errors.ts";
import { converse, helloFields, type FakeConversation, type FakeGuest } from "./fake-guest.ts";
import { GuestError } from "./guest-failure.ts";
import type { GuestSession } from "./guest.ts";

const limits = { silenceMs: 3000, ceilingMs: 5000 };
const impatient = { silenceMs: 60, ceilingMs: 5000 };
const panicLine = "[    2.000000] Kernel panic - not syncing: Fatal exception\r\n";

let talk: FakeConversation;
afterEach(() => talk.close());

async function greeted(): Promise<FakeConversation> {
  talk = await converse();
  talk.guest.hello();
  await talk.session.awaitHello(3000);
  return talk;
}

async function failureOf(promise: Promise<unknown>): Promise<LabError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LabError);
  return error as LabError;
}

interface Scenario {
  readonly guest: (guest: FakeGuest) => void;
  readonly host: (session: GuestSession) => Promise<unknown>;
  readonly kind: LabError["kind"];
  readonly failure: string;
  readonly says: RegExp;
}

const onFirstRequest = (act: (guest: FakeGuest, seq: number) => void) => (guest: FakeGuest) => {
  guest.hello();
  guest.onRequest = (_payload, seq) => act(guest, seq);
};
const boots = (deadlineMs = 3000) => (session: GuestSession) => session.awaitHello(deadlineMs);
const runsOp = (with_ = limits) => async (session: GuestSession) => {
  await session.awaitHello(3000);
  return session.request("op name=pageout in=main region=a first=0 count=8", with_);
};
const finishes = async (session: GuestSession) => {
  await session.awaitHello(3000);
  return session.finish(limits);
};

const scenarios: Record<string, Scenario> = {
  "says nothing": { guest: () => {}, host: boots(50), kind: "invalid", failure: "silence", says: /did not reach the agent.*no sign of life/ },
  "chatters on the console but never says hello": {
    guest: (guest) => guest.print("[    1.000000] still booting\r\n".repeat(500)),
    host: boots(50),
    kind: "invalid",
    failure: "silence",
    says: /no sign of life/,
  },
  "panics before hello and ends": {
    guest: (guest) => {
      guest.print(panicLine);
      guest.die();
    },
    host: boots(),
    kind: "invalid",
    failure: "panic",
    says: /did not reach the agent.*Fatal exception/,
  },
  "panics before hello and hangs": { guest: (guest) => guest.print(panicLine), host: boots(), kind: "invalid", failure: "panic", says: /Fatal exception/ },
  "switches itself off before hello": { guest: (guest) => guest.die(), host: boots(), kind: "invalid", failure: "ended", says: /ended by itself/ },
  "QEMU gives up before hello": {
    guest: (guest) => guest.die({ exitCode: 1, text: "ended with status 1", stderr: "first\nqemu: out of luck" }),
    host: boots(),
    kind: "host",
    failure: "ended",
    says: /status 1: qemu: out of luck/,
  },
  "QEMU is killed before hello": {
    guest: (guest) => guest.die({ exitCode: null, exitSignal: "SIGKILL", text: "was killed by SIGKILL" }),
    host: boots(),
    kind: "lost",
    failure: "ended",
    says: /killed by SIGKILL/,
  },
  "speaks another version": {
    guest: (guest) => guest.say("hello", { ...helloFields, proto: 2 }),
    host: boots(),
    kind: "invalid",
    failure: "wire",
    says: /version 2/,
  },
  "panics in an op": {
    guest: onFirstRequest((guest) => {
      guest.print(panicLine);
      guest.die();
    }),
    host: runsOp(),
    kind: "lost",
    failure: "panic",
    says: /^pageout main a: the kernel panicked \("Kernel panic - not syncing: Fatal exception"\)/,
  },
  "goes silent in an op": { guest: onFirstRequest(() => {}), host: runsOp(impatient), kind: "lost", failure: "silence", says: /pageout main a: no sign of life/ },
  "goes silent in an op after the kernel complained": {
    guest: onFirstRequest((guest) => guest.print("[  130.000000] INFO: task agent:1 blocked for more than 120 seconds.\r\n")),
    host: runsOp(impatient),
    kind: "lost",
    failure: "silence",
    says: /task agent:1 blocked/,
  },
  "is alive without progress": {
    guest: onFirstRequest((guest, seq) => {
      const timer = setInterval(() => guest.say("alive", { progress: 7 }), 10);
      setTimeout(() => {
        clearInterval(timer);
        guest.done(seq);
      }, 1000);
    }),
    host: runsOp(impatient),
    kind: "lost",
    failure: "silence",
    says: /no sign of life/,
  },
  "makes progress for ever": {
    guest: onFirstRequest((guest) => {
      let progress = 0;
      const timer = setInterval(() => guest.say("alive", { progress: progress++ }), 5);
      setTimeout(() => clearInterval(timer), 1000);
    }),
    host: runsOp({ silenceMs: 2000, ceilingMs: 100 }),
    kind: "lost",
    failure: "silence",
    says: /though the guest was at work/,
  },
  "QEMU is killed in an op": {
    guest: onFirstRequest((guest) => guest.die({ exitCode: null, exitSignal: "SIGKILL", text: "was killed by SIGKILL" })),
    host: runsOp(),
    kind: "lost",
    failure: "ended",
    says: /QEMU was killed by SIGKILL/,
  },
  "QEMU closes the wire and goes on": { guest: onFirstRequest((guest) => guest.hangUp()), host: runsOp(), kind: "lost", failure: "ended", says: /closed the wire/ },
  "leaves a message out": {
    guest: onFirstRequest((guest, seq) => {
      guest.seq += 1;
      guest.done(seq);
    }),
    host: runsOp(),
    kind: "lost",
    failure: "wire",
    says: /messages 1 to 1 of the guest are missing/,
  },
  "sends a message that means nothing": {
    guest: onFirstRequest((guest) => guest.say("read", { bad: "many" })),
    host: runsOp(),
    kind: "lost",
    failure: "wire",
    says: /means nothing.*bad=many/,
  },
  "answers another request": { guest: onFirstRequest((guest, seq) => guest.done(seq + 1)), host: runsOp(), kind: "lost", failure: "wire", says: /answered request 1, not 0/ },
  "sends done with a wrong checksum": {
    guest: onFirstRequest((guest, seq) => guest.raw(encodeFrame(guest.seq, `done seq=${seq} status=ok detail= errno= us=1 sent=1`).replace("us=1", "us=2"))),
    host: runsOp(impatient),
    kind: "lost",
    failure: "silence",
    says: /no sign of life/,
  },
  "never gets a request whole": {
    guest: onFirstRequest((guest, seq) => {
      const timer = setInterval(() => guest.say("nak", { want: seq }), 5);
      setTimeout(() => clearInterval(timer), 200);
    }),
    host: runsOp(),
    kind: "lost",
    failure: "wire",
    says: /sent 4 times/,
  },
  "wants a request that is not under way": { guest: onFirstRequest((guest) => guest.say("nak", { want: 9 })), host: runsOp(), kind: "lost", failure: "wire", says: /wants request 9/ },
  "begins anew": { guest: onFirstRequest((guest) => guest.hello()), host: runsOp(), kind: "lost", failure: "wire", says: /began anew/ },
  "ends without its end mark": { guest: onFirstRequest((guest) => guest.die()), host: finishes, kind: "lost", failure: "ended", says: /^finish: / },
  "counts more messages in its end mark than came": {
    guest: onFirstRequest((guest) => guest.say("end", { steps: 0, sent: 5 })),
    host: finishes,
    kind: "lost",
    failure: "wire",
    says: /tells of 5 messages, 2 came/,
  },
};

describe("a guest that", () => {
  test.each(Object.entries(scenarios))("%s", async (_, scenario) => {
    talk = await converse();
    scenario.guest(talk.guest);
    const error = await failureOf(scenario.host(talk.session));
    expect(error).toBeInstanceOf(GuestError);
    expect(error).toMatchObject({ kind: scenario.kind, failure: scenario.failure });
    expect(error.message).toMatch(scenario.says);
    // Whatever happened, nothing more is to be had from this guest.
    expect(await failureOf(talk.session.request("note", limits))).toBe(error);
  });
});

describe("a whole conversation", () => {
  test("an answer has everything between its request and its done", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = (payload, seq) => {
      guest.say("alive", { progress: 1 });
      guest.say("fact", { kind: "lack", what: payload.verb, detail: "" });
      guest.done(seq, { status: "failed", detail: "no such op" });
    };
    const answer = await session.request("op name=x in=main", limits);
    expect(answer.messages.map((message) => message.kind)).toEqual(["alive", "lack", "done"]);
    expect(answer.done).toMatchObject({ request: 0, status: "failed", detail: "no such op" });
    expect((await session.request("op name=y in=main", limits)).done.request).toBe(1);
  });

  test("garbage, cuts and repeats around good messages are counted and change nothing", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = (_payload, seq) => {
      guest.raw("\u0000\u00ff noise\n~0 5 00000000 lying\n");
      guest.raw(encodeFrame(guest.seq, "read bad=0").slice(0, 12));
      guest.say("read", { bad: 3 });
      guest.raw(encodeFrame(guest.seq - 1, "read bad=9"));
      guest.done(seq);
    };
    const answer = await session.request("op name=read in=main", limits);
    expect(answer.messages.map((message) => message.kind)).toEqual(["read", "done"]);
    expect(answer.messages[0]).toMatchObject({ wrongPages: 3 });
    expect(session.counters).toMatchObject({ garbageLines: 3, repeats: 1, gaps: 0, messages: 3 });
  });

  test("a request that arrived damaged is sent again, the same line", async () => {
    const { guest, session } = await greeted();
    let asked = 0;
    guest.onRequest = (_payload, seq) => {
      asked += 1;
      if (asked === 1) guest.say("nak", { want: seq });
    };
    const answer = session.request("op name=x in=main", limits);
    await expect.poll(() => guest.received.length).toBe(2);
    expect(guest.received[1]).toBe(guest.received[0]);
    guest.done(0);
    expect((await answer).messages.map((message) => message.kind)).toEqual(["nak", "done"]);
  });

  test("progress holds the deadline off", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = (_payload, seq) => {
      let progress = 0;
      const timer = setInterval(() => {
        guest.say("alive", { progress: progress++ });
        if (progress < 30) return;
        clearInterval(timer);
        guest.done(seq);
      }, 10);
    };
    expect((await session.request("op name=x in=main", { silenceMs: 200, ceilingMs: 20_000 })).done.status).toBe("ok");
  });

  test("after the end mark the end of QEMU is no failure", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = () => {
      guest.say("end", { steps: 4, sent: guest.seq + 1 });
      guest.die();
    };
    expect(await session.finish(limits)).toMatchObject({ steps: 4 });
  });

  test("a hello that came before anybody asked is not lost", async () => {
    talk = await converse();
    talk.guest.hello();
    await expect.poll(() => talk.session.counters.messages).toBe(1);
    expect(await talk.session.awaitHello(3000)).toMatchObject({ release: "6.12.0-fake" });
  });

  test("a restored guest goes on with the numbers it was saved with", async () => {
    talk = await converse({ position: { sendSeq: 6, receiveSeq: 40 } });
    const { guest, session } = talk;
    guest.seq = 40;
    expect((await session.request("policy folios=64", limits)).done.request).toBe(6);
    expect(guest.received[0]).toMatch(/^~6 /);
    expect(session.position).toEqual({ sendSeq: 7, receiveSeq: 41 });
  });

  test("an abort ends what is waited for", async () => {
    const controller = new AbortController();
    talk = await converse({ signal: controller.signal });
    const failure = failureOf(talk.session.awaitHello(3000));
    controller.abort();
    expect(await failure).toMatchObject({ kind: "host", where: "boot" });
  });

  test("two requests at once are a bug", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = () => {};
    const first = session.request("op name=x in=main", impatient);
    await expect(session.request("op name=y in=main", limits)).rejects.toThrow(/under way/);
    await failureOf(first);
  });
});

describe("what remains", () => {
  test("an error has the console's last lines", async () => {
    const { guest, session } = await greeted();
    guest.onRequest = () => {
      guest.print(Array.from({ length: 60 }, (_, index) => `line ${index}\r\n`).join(""));
      guest.die();
    };
    const error = (await failureOf(session.request("op name=x in=main", limits))) as GuestError;
    expect(error.lastWords.length).toBe(40);
    expect(error.lastWords.at(-1)).toBe("line 59");
  });

  test("the wire log has both directions, garbage, and why it ended", async () => {
    const { guest, session, log, logPath } = await greeted();
    guest.onRequest = () => {
      guest.raw("\u0007noise\n");
      guest.die();
    };
    await failureOf(session.request("op name=x in=main", limits));
    await log.close();
    const lines = readFileSync(logPath, "latin1").trimEnd().split("\n");
    expect(lines.every((line) => /^ *\d+\.\d [<>!] [ -~]*$/.test(line))).toBe(true);
    const text = lines.map((line) => line.replace(/^ *[\d.]+ /, "")).join("\n");
    expect(text).toMatch(/^< ~0 .*hello/);
    expect(text).toMatch(/^> ~0 \d+ [0-9a-f]{8} op name=x in=main$/m);
    expect(text).toMatch(/^< \\x07noise$/m);
    expect(text).toMatch(/^! x main: .*ended by itself/m);
  });
});
