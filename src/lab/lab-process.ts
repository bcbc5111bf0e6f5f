import { share } from "../api/multiplex.ts";
import { createService } from "../api/service.ts";
import type { Transport } from "../api/transport.ts";
import { createLab } from "./lab.ts";

/** The argument with which our own program becomes the lab's process. */
export const labProcessWord = "lab-process";

/**
 * The lab in a process of its own, so that no face waits while it reads, predicts or compares. Resolves when whoever
 * started it has gone, and every guest has ended.
 */
export async function serveLab(parent: Transport): Promise<void> {
  const service = createService({ lab: createLab(), later: (callback, delayMs) => void setTimeout(callback, delayMs) });
  const gone = new Promise<string>((resolve) => share(parent, (connection) => service.connect(connection), resolve));
  await service.close(await gone);
}

/** The channel to the process that started this one. */
export function parentTransport(): Transport {
  return {
    send: (message) => {
      // A parent that has gone is told of by its disconnect.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    receive: ({ message, closed }) => {
      process.on("message", message);
      process.on("disconnect", () => closed("the process that started the lab has ended"));
    },
    close: () => process.disconnect?.(),
  };
}
