import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import type { RunSummary } from "../api/lab.ts";
import { runSummarySchema } from "../api/reply-schemas.ts";
import { runsDir, stateDir } from "./paths.ts";
import { replaceFile } from "./safe-file.ts";

/**
 * Summaries of runs as they were when they were last read: a result takes some ten milliseconds to read and check, and
 * there may be thousands. An entry holds as long as neither the run's folder nor its result has changed. What is lost here
 * is read again.
 */

const indexSchema = v.object({
  schema: v.literal("swaplab.run-index/1"),
  runs: v.record(v.string(), v.object({ key: v.string(), summary: runSummarySchema })),
});
type Runs = v.InferOutput<typeof indexSchema>["runs"];

const indexPath = (): string => join(stateDir(), "run-index.json");

export class RunIndex {
  private readonly known: Runs;
  private readonly seen: Runs = {};
  private isChanged = false;

  private constructor(known: Runs) {
    this.known = known;
  }

  static async open(): Promise<RunIndex> {
    const text = await readFile(indexPath(), "utf8").catch(() => "");
    try {
      const parsed = v.safeParse(indexSchema, JSON.parse(text));
      return new RunIndex(parsed.success ? parsed.output.runs : {});
    } catch {
      return new RunIndex({});
    }
  }

  /** `read` is asked when the run is not known or has changed. */
  async summary(name: string, read: () => Promise<RunSummary>): Promise<RunSummary> {
    const key = await keyOf(name);
    const entry = this.known[name];
    if (entry !== undefined && entry.key === key) {
      this.seen[name] = entry;
      return entry.summary;
    }
    const summary = await read();
    this.seen[name] = { key, summary };
    this.isChanged = true;
    return summary;
  }

  /** Keeps what is known of these runs and forgets others. Never fails: an index that cannot be written is made again. */
  async save(names: readonly string[]): Promise<void> {
    if (!this.isChanged) return;
    const known = { ...this.known, ...this.seen };
    const runs = Object.fromEntries(names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])));
    await replaceFile(indexPath(), JSON.stringify({ schema: "swaplab.run-index/1", runs } satisfies v.InferInput<typeof indexSchema>)).catch(() => undefined);
  }
}

async function keyOf(name: string): Promise<string> {
  const folder = join(runsDir(), name);
  const [ofFolder, ofResult] = await Promise.all([stat(folder), stat(join(folder, "result.json")).catch(() => null)]);
  return [ofFolder.mtimeMs, ofResult?.mtimeMs, ofResult?.size].join(" ");
}
