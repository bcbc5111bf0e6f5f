import { serveLab } from "../src/lab/lab-process.ts";
import { endWord } from "./names.ts";

/** The lab's own process. */

const port = process.parentPort;

void serveLab({
  send: (message) => port.postMessage(message),
  receive: ({ message, closed }) => {
    port.on("message", ({ data }: { readonly data: unknown }) => (data === endWord ? closed("the app ends") : message(data)));
  },
  close: () => process.exit(),
}).finally(() => process.exit());
