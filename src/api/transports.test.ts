import * as fc from "fast-check";
import { expect, test } from "vitest";
import { share } from "./multiplex.ts";
import { type SocketLike, socketTransport } from "./socket-transport.ts";
import { transportPair, type Transport } from "./transport.ts";

const settled = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Heard {
  readonly messages: unknown[];
  readonly closed: string[];
}

function listen(transport: Transport): Heard {
  const heard: Heard = { messages: [], closed: [] };
  transport.receive({ message: (message) => heard.messages.push(message), closed: (why) => heard.closed.push(why) });
  return heard;
}

/** Two sockets, each of which hands what it is sent to the other. */
function socketPair(): readonly [FakeSocket, FakeSocket] {
  const ends = [new FakeSocket(), new FakeSocket()] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

class FakeSocket implements SocketLike {
  binaryType = "";
  readyState = 1;
  other: FakeSocket | null = null;
  private readonly listeners: { readonly type: string; readonly listener: (event: never) => void }[] = [];

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.other?.emit("message", { data: typeof data === "string" ? data : data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) });
  }

  close(code = 1005, reason = ""): void {
    for (const end of [this, this.other]) {
      if (end === null || end.readyState !== 1) continue;
      end.readyState = 3;
      end.emit("close", { code, reason });
    }
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.listeners.push({ type, listener });
  }

  emit(type: string, event: object): void {
    for (const one of this.listeners) if (one.type === type) one.listener(event as never);
  }
}

test("what has bytes in it anywhere goes over a socket and comes out the same", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const message = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant(null), bytes, fc.array(bytes, { maxLength: 3 }), fc.record({ bytes })), { maxKeys: 4, noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
      const [one, other] = socketPair();
      const heard = listen(socketTransport(other));
      const from = socketTransport(one);
      for (const each of messages) from.send(each);
      expect(heard).toEqual({ messages, closed: [] });
    }),
  );
});

test("a Buffer arrives as bytes", () => {
  const [one, other] = socketPair();
  const heard = listen(socketTransport(other));
  socketTransport(one).send({ bytes: Buffer.from([1, 2, 3]).subarray(1) });
  expect(heard.messages).toEqual([{ bytes: Uint8Array.of(2, 3) }]);
});

test.each([
  ["no JSON", ["{"]],
  ["null", ["null"]],
  ["no message", ['{"message":1}']],
  ["more pieces than there may be", ['{"pieces":1000000000,"message":1}']],
  ["a piece that nobody announced", [new Uint8Array(3)]],
  ["a text in place of a piece", ['{"pieces":1,"message":{"$bytes":0}}', '{"pieces":0,"message":1}']],
  ["arrays in arrays without end", [`{"pieces":1,"message":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, new Uint8Array(1)]],
])("%s ends the connection", (_, sent) => {
  const [one, other] = socketPair();
  const heard = listen(socketTransport(other));
  for (const data of sent) one.send(data);
  expect(heard).toEqual({ messages: [], closed: ["what came is no message"] });
});

test("a piece that is not there is null", () => {
  const [one, other] = socketPair();
  const heard = listen(socketTransport(other));
  one.send('{"pieces":1,"message":{"a":{"$bytes":7},"b":{"$bytes":"__proto__"}}}');
  one.send(new Uint8Array(1));
  expect(heard.messages).toEqual([{ a: null, b: null }]);
});

test("many connections share one, each with its own end", async () => {
  const [one, other] = transportPair();
  const accepted: Heard[] = [];
  const lab: Transport[] = [];
  share(other, (connection) => {
    lab.push(connection);
    accepted.push(listen(connection));
  });
  const { connect } = share(one);
  const faces = [connect(), connect()];
  const heard = faces.map(listen);
  faces[0]!.send({ first: Uint8Array.of(1) });
  faces[1]!.send({ second: 2 });
  await settled();
  expect(accepted.map(({ messages }) => messages)).toEqual([[{ first: Uint8Array.of(1) }], [{ second: 2 }]]);
  lab[1]!.send({ answer: 3 });
  faces[0]!.close("gone");
  await settled();
  expect(heard[1]!.messages).toEqual([{ answer: 3 }]);
  expect(accepted.map(({ closed }) => closed)).toEqual([["gone"], []]);
  faces[0]!.send({ late: 1 });
  one.close("all over");
  await settled();
  expect(accepted.map(({ messages, closed }) => [messages.length, closed])).toEqual([[1, ["gone"]], [1, ["all over"]]]);
  expect(heard.map(({ closed }) => closed)).toEqual([["gone"], ["all over"]]);
  const late = listen(connect());
  await settled();
  expect(late.closed).toEqual(["all over"]);
});
