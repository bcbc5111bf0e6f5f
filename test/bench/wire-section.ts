import type { GuestSession } from "../../src/lab/guest.ts";
import type { PreparedGuest } from "../../src/lab/start.ts";
import { GuestReader } from "../../src/protocol/guest-reader.ts";
import { opPayload } from "../../src/protocol/requests.ts";
import type { Op } from "../../src/workload/ops.ts";
import { type Figure, ratios } from "./figure.ts";
import { kernelNames, planTcgGuest, withGuest } from "./guests.ts";
import { repeat, type BenchTask } from "./task.ts";

const section = "wire";
/** Every second page of the region is given back, so that no two neighbours are alike. */
const regionPages = 256;
/** The agent's limit is 16. */
const processCount = 16;
/** The reader's time with one answer is short: it reads it over and over for this long. */
const sampleMs = 300;

/** One answer of the guest, as it came through the serial port. */
interface Capture {
  readonly firstSeq: number;
  readonly chunks: readonly Buffer[];
  /** Between the first chunk and the last, and the bytes that came in it. */
  readonly bytesPerSecond: number;
}

/** How fast a guest tells of a placement in many pieces, and how fast its messages are read. */
export async function measureWire(task: BenchTask): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kernel of kernelNames) {
    const plan = await planTcgGuest(kernel, "brd", task);
    figures.push(...(await withGuest(plan, false, task, async (guest) => wireFigures(kernel, guest, task))));
  }
  return figures;
}

async function wireFigures(kernel: string, guest: PreparedGuest, task: BenchTask): Promise<Figure[]> {
  task.say(`wire of ${kernel}: fragmenting ${processCount} processes`);
  await fragment(guest.session, task);
  const wire: number[] = [];
  const reader: number[] = [];
  const frames: number[] = [];
  await repeat(task, task.repetitions.computations, `wire of ${kernel}`, async () => {
    const captured = await capture(guest);
    wire.push(captured.bytesPerSecond / 1000);
    const read = readAgain(captured);
    reader.push(read.bytesPerSecond / 1000);
    frames.push(read.framesPerSecond / 1000);
  });
  const base = { section, subject: `kernel ${kernel}` };
  return [
    { ...base, name: "guest to host, a long answer", unit: "kB/s", samples: wire },
    { ...base, name: "the reader alone, same bytes", unit: "kB/s", samples: reader },
    { ...base, name: "  in frames", unit: "k/s", samples: frames },
    { ...base, name: "  reader / wire", unit: "x", samples: ratios(reader, wire) },
  ];
}

async function fragment(session: GuestSession, { signal }: BenchTask): Promise<void> {
  const at = { in: "main", region: "a" } as const;
  const ops: Op[] = [
    { op: "map", ...at, pageCount: regionPages, folioOrder: 0, share: "private" },
    { op: "fill", ...at, range: { firstPage: 0, pageCount: regionPages }, pattern: { kind: "words" } },
  ];
  for (let page = 0; page < regionPages; page += 2) ops.push({ op: "dontneed", ...at, range: { firstPage: page, pageCount: 1 } });
  for (let index = 1; index < processCount; index++) ops.push({ op: "fork", in: "main", child: `c${index}` });
  for (const op of ops) {
    signal.throwIfAborted();
    await ask(session, op);
  }
}

async function ask(session: GuestSession, op: Op): Promise<void> {
  const { done } = await session.request(opPayload(op));
  if (done.status !== "ok") throw new Error(`the guest could not do ${op.op}: ${done.detail}`);
}

/** The op itself does nothing; its answer tells of every page of every process. */
async function capture({ session, machine }: PreparedGuest): Promise<Capture> {
  const firstSeq = session.position.receiveSeq;
  const chunks: Buffer[] = [];
  let [firstAtMs, lastAtMs] = [0, 0];
  const listen = (chunk: Buffer): void => {
    lastAtMs = performance.now();
    if (chunks.length === 0) firstAtMs = lastAtMs;
    chunks.push(chunk);
  };
  machine.wire.on("data", listen);
  try {
    await ask(session, { op: "note", in: "main", text: "" });
  } finally {
    machine.wire.off("data", listen);
  }
  const laterBytes = chunks.slice(1).reduce((sum, chunk) => sum + chunk.length, 0);
  return { firstSeq, chunks, bytesPerSecond: laterBytes / ((lastAtMs - firstAtMs) / 1000) };
}

function readAgain({ firstSeq, chunks }: Capture): { bytesPerSecond: number; framesPerSecond: number } {
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let frames = 0;
  let bytes = 0;
  const startedAtMs = performance.now();
  let tookMs: number;
  do {
    const reader = new GuestReader(firstSeq);
    for (const chunk of chunks) reader.push(chunk);
    const { messages, garbageLines, badMessages, gaps } = reader.counters;
    if (garbageLines + badMessages + gaps > 0) throw new Error("the reader does not understand what it has understood before");
    frames += messages;
    bytes += sizeBytes;
    tookMs = performance.now() - startedAtMs;
  } while (tookMs < sampleMs);
  return { bytesPerSecond: bytes / (tookMs / 1000), framesPerSecond: frames / (tookMs / 1000) };
}
