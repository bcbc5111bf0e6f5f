import { EventEmitter } from "node:events";

/** Loaded before a utility process's own program: what it has to do with its parent. */
class ParentPort extends EventEmitter {
  postMessage(message: object): void {
    if (process.connected) process.send?.(message);
  }
}

const port = new ParentPort();
// Kept until there is somebody to read them, as Electron does.
const early: unknown[] = [];
port.on("newListener", (name) => {
  if (name === "message") queueMicrotask(() => early.splice(0).forEach((data) => port.emit("message", { data, ports: [] })));
});
process.on("message", (data) => {
  if (port.listenerCount("message") === 0) early.push(data);
  else port.emit("message", { data, ports: [] });
});
process.once("disconnect", () => process.exit());
Object.assign(process, { parentPort: port, type: "utility" });
