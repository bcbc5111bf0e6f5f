import { signal } from "@preact/signals";
import { callForBytes } from "../../src/api/client.ts";
import type { BundleFileName } from "../../src/report/bundle-file-names.ts";
import { errorText, lab } from "./connection.ts";

/** More of a text than anybody reads; the rest is in the bundle. */
const shownBytesMax = 4 * 1024 * 1024;

export interface BundleText {
  readonly run: string;
  readonly bytes: Uint8Array | null;
  readonly sizeBytes: number;
  readonly error: string;
}

/** A file of a run's bundle as it is shown: the last one asked for. */
class BundleFile {
  readonly loaded = signal<BundleText>({ run: "", bytes: null, sizeBytes: 0, error: "" });
  private readonly file: BundleFileName;

  constructor(file: BundleFileName) {
    this.file = file;
  }

  /** Does nothing for the run that is there already. */
  async load(run: string): Promise<void> {
    if (run === this.loaded.peek().run) return;
    this.loaded.value = { run, bytes: null, sizeBytes: 0, error: "" };
    const settle = (text: Partial<BundleText>): void => {
      if (this.loaded.peek().run === run) this.loaded.value = { ...this.loaded.peek(), ...text };
    };
    try {
      const { bytes, reply } = await callForBytes(lab(), "runs.file", { run, file: this.file, fromByte: 0, byteCount: shownBytesMax });
      settle({ bytes, sizeBytes: reply.sizeBytes });
    } catch (error) {
      settle({ error: errorText(error) });
    }
  }
}

export const consoleFile = new BundleFile("console.log");
export const traceFile = new BundleFile("model-trace.txt");
