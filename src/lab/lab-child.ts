import { setTimeout as sleep } from "node:timers/promises";
import { share } from "../api/multiplex.ts";
import type { Transport } from "../api/transport.ts";
import { labProcessWord } from "./lab-process.ts";
import { spawnTiedNode } from "./process.ts";

/** A guest takes less than a second to end; what takes longer than this is killed, and its guests with it. */
const endDeadlineMs = 3000;

/** The lab in a process of its own. */
export interface LabChild {
  connect(): Transport;
  /** Resolves when the process has ended, with what it complained of: empty when it was asked to end. */
  readonly ended: Promise<string>;
  /** Ends every guest, then the process. */
  end(): Promise<void>;
}

/** Starts it. `script` is our own program, which becomes the lab's process by its first argument. */
export function startLabChild(script: string): LabChild {
  const child = spawnTiedNode(script, [labProcessWord]);
  const { connect } = share(child.transport);
  let isEnding = false;
  const ended = child.exit.then(
    ({ exitCode, exitSignal }) => (isEnding ? "" : `the lab's process ended (${exitSignal ?? exitCode}) ${child.complaints()}`.trim()),
    (error: unknown) => String(error),
  );
  return {
    connect,
    ended,
    end: async () => {
      isEnding = true;
      child.transport.close("the lab ends");
      const isOver = await Promise.race([ended.then(() => true), sleep(endDeadlineMs, false, { ref: false })]);
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}
