import { type ChildProcess, fork } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";

/** A process of Node's own with a port to its parent; what gives it `process.parentPort` is in parent-port.ts. */
class UtilityProcess extends EventEmitter {
  private readonly child: ChildProcess;

  constructor(entry: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly stdio?: string }) {
    super();
    const stdio = options.stdio === "inherit" || options.stdio === undefined ? "inherit" : "ignore";
    this.child = fork(entry, args, { env: options.env ?? process.env, execArgv: ["-r", join(__dirname, "parent-port.cjs")], serialization: "advanced", stdio: ["ignore", stdio, stdio, "ipc"] });
    this.child.once("spawn", () => this.emit("spawn"));
    this.child.on("message", (message) => this.emit("message", message));
    this.child.once("exit", (code, signal) => this.emit("exit", code ?? (signal === null ? 0 : 1)));
  }

  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  postMessage(message: string | object): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): boolean {
    return this.child.kill();
  }
}

export const utilityProcess = {
  fork: (entry: string, args: readonly string[] = [], options: { env?: NodeJS.ProcessEnv; stdio?: string; serviceName?: string } = {}) => new UtilityProcess(entry, args, options),
};
