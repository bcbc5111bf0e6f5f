import { utilityProcess, type UtilityProcess } from "electron";
import type { FromLab, ToLab } from "./lab-messages.ts";

/** So long the lab may take to end its guests when the app quits; what is left then dies with its process. */
const endDeadlineMs = 15_000;

/** The process that the lab runs in: what it does never holds up the window. Begun when it is first needed. */
export class LabProcess {
  private readonly entry: string;
  private readonly deliver: (message: FromLab) => void;
  private child: UtilityProcess | null = null;

  constructor(entry: string, deliver: (message: FromLab) => void) {
    this.entry = entry;
    this.deliver = deliver;
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  post(message: ToLab): void {
    this.child ??= this.begin();
    this.child.postMessage(message);
  }

  /** Resolves when the process is gone, its guests with it. */
  async end(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.postMessage({ type: "end" } satisfies ToLab);
    const deadline = setTimeout(() => child.kill(), endDeadlineMs);
    await gone;
    clearTimeout(deadline);
  }

  private begin(): UtilityProcess {
    const child = utilityProcess.fork(this.entry, [], { serviceName: "Swaplab's lab", stdio: "inherit" });
    child.on("message", (message: FromLab) => this.deliver(message));
    child.once("exit", (code) => {
      if (this.child === child) this.child = null;
      this.deliver({ type: "gone", why: `the lab's process ended with code ${code}` });
    });
    return child;
  }
}
