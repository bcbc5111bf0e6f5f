/**
 * contextBridge: values pass between the preload's world and the page's as details of events, which Chromium clones
 * from one world to the other. Functions stay where they are and are called by number.
 */

type Packed =
  | { readonly type: "value"; readonly value: unknown }
  | { readonly type: "function"; readonly id: number }
  | { readonly type: "promise"; readonly id: number }
  | { readonly type: "error"; readonly message: string }
  | { readonly type: "array"; readonly items: readonly Packed[] }
  | { readonly type: "object"; readonly fields: readonly (readonly [string, Packed])[] };

type Message =
  | { readonly op: "expose"; readonly key: string; readonly api: Packed }
  | { readonly op: "call"; readonly id: number; readonly args: readonly Packed[] }
  | { readonly op: "return"; readonly isOk: boolean; readonly value: Packed }
  | { readonly op: "settle"; readonly id: number; readonly isOk: boolean; readonly value: Packed };

const depthMax = 1000;

export interface BridgeEnd {
  expose(key: string, api: object): void;
}

export function makeBridge(channel: string, isPreload: boolean): BridgeEnd {
  const here = `${channel}.${isPreload ? "preload" : "page"}`;
  const there = `${channel}.${isPreload ? "page" : "preload"}`;
  // Taken before the page has had a chance to put others in their place.
  const { CustomEvent: Event, Object: Objects, Promise: Promises, Map: Maps, Array: Arrays, String: Strings } = globalThis;
  const target = window;
  const functions = new Maps<number, (...args: unknown[]) => unknown>();
  const waiting = new Maps<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }>();
  let nextId = 1;
  let returned: (Message & { op: "return" }) | undefined;

  const post = (message: Message): void => void target.dispatchEvent(new Event(there, { detail: message }));

  const idOf = (one: (...args: unknown[]) => unknown): number => {
    for (const [id, known] of functions) if (known === one) return id;
    functions.set(nextId, one);
    return nextId++;
  };

  function pack(value: unknown, depth = 0): Packed {
    if (depth > depthMax) throw new Error("contextBridge: recursion depth exceeded");
    if (typeof value === "function") return { type: "function", id: idOf(value as (...args: unknown[]) => unknown) };
    if (typeof value === "symbol") return { type: "value", value: undefined };
    if (value === null || typeof value !== "object") return { type: "value", value };
    if (value instanceof Promises) {
      const id = nextId++;
      value.then(
        (result) => post({ op: "settle", id, isOk: true, value: pack(result) }),
        (error: unknown) => post({ op: "settle", id, isOk: false, value: pack(error) }),
      );
      return { type: "promise", id };
    }
    if (value instanceof Error) return { type: "error", message: value.message };
    if (Arrays.isArray(value)) return { type: "array", items: value.map((item) => pack(item, depth + 1)) };
    if (Objects.prototype.toString.call(value) !== "[object Object]") return { type: "value", value };
    return { type: "object", fields: Objects.entries(value).map(([key, field]) => [key, pack(field, depth + 1)] as const) };
  }

  function unpack(packed: Packed, isFrozen = false): unknown {
    switch (packed.type) {
      case "value":
        return packed.value;
      case "function":
        return (...args: unknown[]) => call(packed.id, args);
      case "promise":
        return new Promises((resolve, reject) => waiting.set(packed.id, { resolve, reject }));
      case "error":
        return new Error(packed.message);
      case "array": {
        const array = packed.items.map((item) => unpack(item, isFrozen));
        return isFrozen ? Objects.freeze(array) : array;
      }
      case "object": {
        const object = {};
        for (const [key, field] of packed.fields) Objects.defineProperty(object, key, { value: unpack(field, isFrozen), enumerable: true, writable: !isFrozen, configurable: !isFrozen });
        return isFrozen ? Objects.freeze(object) : object;
      }
    }
  }

  /** Events are delivered at once: when the post returns, the other side has answered. */
  function call(id: number, args: readonly unknown[]): unknown {
    const outer = returned;
    returned = undefined;
    post({ op: "call", id, args: args.map((value) => pack(value)) });
    const answer = returned as (Message & { op: "return" }) | undefined;
    returned = outer;
    if (answer === undefined) throw new Error("contextBridge: the other side has gone");
    const value = unpack(answer.value);
    if (!answer.isOk) throw value;
    return value;
  }

  function answerCall(id: number, args: readonly Packed[]): Message {
    try {
      return { op: "return", isOk: true, value: pack(functions.get(id)?.(...args.map((value) => unpack(value)))) };
    } catch (error) {
      return { op: "return", isOk: false, value: error instanceof Error ? pack(error) : { type: "error", message: Strings(error) } };
    }
  }

  target.addEventListener(here, (event) => {
    event.stopImmediatePropagation();
    const message = (event as CustomEvent<Message>).detail;
    switch (message.op) {
      case "return":
        returned = message;
        break;
      case "settle": {
        const promise = waiting.get(message.id);
        waiting.delete(message.id);
        (message.isOk ? promise?.resolve : promise?.reject)?.(unpack(message.value));
        break;
      }
      case "call":
        post(answerCall(message.id, message.args));
        break;
      case "expose":
        Objects.defineProperty(target, message.key, { value: unpack(message.api, true), enumerable: true, writable: false, configurable: false });
    }
  });
  return { expose: (key, api) => post({ op: "expose", key, api: pack(api) }) };
}
