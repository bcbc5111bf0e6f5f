import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLabChild } from "../lab/lab-child.ts";
import { LabError } from "../lab/errors.ts";
import { pageDir } from "../lab/project.ts";
import { showInBrowser } from "./browser.ts";
import { loadPage } from "./page-files.ts";
import { startServer } from "./server.ts";

interface Surroundings {
  readonly stderr: { write(text: string): unknown };
  readonly signal: AbortSignal;
}

/**
 * Serves the page and the lab until it is stopped; no guest is left then.
 *
 * @throws LabError `usage` when the port cannot be had, `host` when the lab's process ends by itself
 */
export async function serve({ port, open }: { readonly port: number; readonly open: boolean }, { stderr, signal }: Surroundings): Promise<void> {
  const lab = startLabChild(process.argv[1]!);
  const folder = await mkdtemp(join(tmpdir(), "swaplab-serve-"));
  try {
    const server = await startServer({ port, page: await loadPage(pageDir()), connectLab: lab.connect });
    try {
      stderr.write(`${greeting(server.url, server.port)}\n`);
      if (open) await showInBrowser(server.url, folder, (problem) => stderr.write(`${problem} Open the address above by hand.\n`));
      const why = await Promise.race([lab.ended, stopped(signal)]);
      if (why !== "") throw new LabError("host", { what: why, next: "Start again; what was running has ended." });
    } finally {
      await server.close("the server ends");
    }
  } finally {
    await Promise.all([lab.end(), rm(folder, { recursive: true, force: true })]);
  }
}

const greeting = (url: string, port: number): string =>
  [
    `Swaplab: ${url}`,
    "The address is good for one browser, once. Ctrl-C ends the server and every guest.",
    `From another machine: ssh -L ${port}:127.0.0.1:${port} this-machine, then the same address there.`,
  ].join("\n");

function stopped(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("");
    else signal.addEventListener("abort", () => resolve(""), { once: true });
  });
}
