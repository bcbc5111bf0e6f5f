import type { Terminal } from "../api/lab.ts";
import type { Context } from "./context.ts";

/** Ctrl-], as telnet and virsh have it: leaves the console, whatever the guest is doing. */
const leaveByte = 0x1d;
/**
 * Typed after the end of piped input: the shell prints the leave byte once it has come that far. As typed it
 * is four printable characters, so that its echo is not mistaken for it.
 */
const leaveWhenReached = new TextEncoder().encode("printf '\\035'\n");
const lineEnd = 0x0a;

/**
 * Gives this terminal to a guest's console until the person types Ctrl-], the guest ends, or piped input is
 * used up and the guest's shell has dealt with all of it. `onConnect` is called before the guest's first word.
 */
export async function attachTerminal(
  context: Context,
  onConnect: () => void,
  attach: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const { stdin, stdout, stderr, signal } = context;
  const person = stdin.isTTY === true;
  const leaving = new AbortController();
  const leave = AbortSignal.any([signal, leaving.signal]);
  let inputUsedUp = false;
  let connected = false;
  const connect = (): void => {
    if (connected) return;
    connected = true;
    onConnect();
    if (person) stderr.write("Console of the guest. Ctrl-] leaves.\n");
  };
  async function* input(): AsyncGenerator<Uint8Array> {
    connect();
    if (person) yield* typed(context, leave);
    else yield* piped(stdin, leave, () => (inputUsedUp = true));
  }
  const terminal: Terminal = {
    input: input(),
    write: (bytes) => {
      connect();
      const end = inputUsedUp ? bytes.indexOf(leaveByte) : -1;
      stdout.write(end < 0 ? bytes : bytes.subarray(0, end));
      if (end >= 0) leaving.abort();
    },
  };
  try {
    await attach(terminal);
  } finally {
    leaving.abort();
    if (person) stdin.setRawMode?.(false);
  }
}

/** Raw from the moment the guest begins to read: until then Ctrl-C is a signal to us and not a byte for the guest. */
async function* typed({ stdin, stderr }: Context, leave: AbortSignal): AsyncGenerator<Uint8Array> {
  stdin.setRawMode?.(true);
  for await (const bytes of untilAborted(stdin, leave)) {
    const end = bytes.indexOf(leaveByte);
    yield end < 0 ? bytes : bytes.subarray(0, end);
    if (end >= 0) break;
  }
  stderr.write("\r\n");
}

async function* piped(stdin: AsyncIterable<Uint8Array>, leave: AbortSignal, onEnd: () => void): AsyncGenerator<Uint8Array> {
  let last = lineEnd;
  for await (const bytes of untilAborted(stdin, leave)) {
    last = bytes.at(-1) ?? last;
    yield bytes;
  }
  if (leave.aborted) return;
  onEnd();
  yield last === lineEnd ? leaveWhenReached : new Uint8Array([lineEnd, ...leaveWhenReached]);
  await aborted(leave);
}

/** The items of a source until it ends or the signal aborts, even while it gives nothing. */
async function* untilAborted<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  const end = aborted(signal).then(() => ({ done: true as const, value: undefined }));
  for (;;) {
    const next = await Promise.race([iterator.next(), end]);
    if (next.done === true) return;
    yield next.value;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
