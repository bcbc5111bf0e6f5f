import { signal } from "@preact/signals";
import { callForBytes } from "../../src/api/client.ts";
import type { ExportFormat, RunSummary } from "../../src/api/lab.ts";
import { errorText, lab } from "./connection.ts";

/** What can be done with runs that are there. */

/** What was done last, and the run that can be had back; empty where there is nothing to say. */
export const said = signal<{ readonly text: string; readonly isError: boolean; readonly removed: string }>({ text: "", isError: false, removed: "" });

const say = (text: string, removed = ""): void => void (said.value = { text, isError: false, removed });

async function act(what: () => Promise<void>): Promise<void> {
  try {
    await what();
  } catch (error) {
    said.value = { text: errorText(error), isError: true, removed: "" };
  }
}

/** An empty label takes the name that a person gave it back. */
export const renameRun = (run: string, label: string): Promise<void> =>
  act(async () => {
    const shown = (await lab().call("runs.rename", { run, label })).label;
    say(shown === "" ? `${run} has its own name again.` : `${run} is called ${shown}.`);
  });

export const removeRun = (run: string): Promise<void> =>
  act(async () => {
    await lab().call("runs.remove", { run });
    say(`${run} is deleted.`, run);
  });

export const restoreRun = (run: string): Promise<void> =>
  act(async () => {
    await lab().call("runs.restore", { run });
    say(`${run} is back.`);
  });

/** Hands over what to save; nothing when it could not be had. */
export async function exportRun(run: string, format: ExportFormat, save: (name: string, bytes: Uint8Array, type: string) => void): Promise<void> {
  await act(async () => {
    const { reply, bytes } = await callForBytes(lab(), "runs.export", { run, format });
    save(reply.fileName, bytes, reply.mediaType);
    say(`${run} is exported as ${reply.fileName}.`);
  });
}

/** Somebody else's archive: data, whatever is in it. */
export const importRun = (archive: Blob, name: string): Promise<void> =>
  act(async () => {
    say(`Importing ${name}…`);
    const call = lab().start("runs.import", { path: null });
    for await (const bytes of chunksOf(archive)) await call.send(bytes);
    call.endInput();
    const run: RunSummary = await call.done;
    say(run.ok ? `${name} is here as ${run.name}: ${run.verdict}, ${run.experiment}.` : `${name} is here as ${run.name}, but cannot be read: ${run.problem}`);
  });

const chunkBytes = 256 * 1024;

/** Piece by piece: an archive can be larger than the memory that a page should take. */
async function* chunksOf(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += chunkBytes) yield new Uint8Array(await blob.slice(at, at + chunkBytes).arrayBuffer());
}
