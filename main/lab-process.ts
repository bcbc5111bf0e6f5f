import { utilityProcess, type UtilityProcess } from "electron";
import { share } from "../src/api/multiplex.ts";
import type { Transport } from "../src/api/transport.ts";
import { endWord } from "./names.ts";

/** So long the lab may take to end its guests when the app quits; what is left then dies with its process. */
const endDeadlineMs = 15_000;

interface Running {
  readonly child: UtilityProcess;
  readonly connect: () => Transport;
}

/** The process that the lab runs in: what it does never holds up the window. Begun when it is first needed, and again when it was lost. */
export class LabProcess {
  private readonly entry: string;
  private running: Running | null = null;

  constructor(entry: string) {
    this.entry = entry;
  }

  get isRunning(): boolean {
    return this.running !== null;
  }

  connect(): Transport {
    this.running ??= this.begin();
    return this.running.connect();
  }

  /** Resolves when the process is gone, its guests with it. */
  async end(): Promise<void> {
    if (this.running === null) return;
    const { child } = this.running;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.postMessage(endWord);
    const deadline = setTimeout(() => child.kill(), endDeadlineMs);
    await gone;
    clearTimeout(deadline);
  }

  private begin(): Running {
    const child = utilityProcess.fork(this.entry, [], { serviceName: "Swaplab's lab", stdio: "inherit" });
    child.once("exit", () => (this.running = null));
    const { connect } = share({
      send: (message) => child.postMessage(message),
      receive: ({ message, closed }) => {
        child.on("message", message);
        child.once("exit", (code) => closed(`the lab's process ended with code ${code}`));
      },
      close: () => void child.kill(),
    });
    return { child, connect };
  }
}
