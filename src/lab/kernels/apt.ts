import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { LabError } from "../errors.ts";
import { CommandError, run, runChecked, type RunResult } from "../process.ts";
import { debianArchives, sourcesFor, type SourceFile } from "./apt-sources.ts";
import { catalogue } from "./catalogue.ts";
import type { LongTask } from "./image.ts";
import { parseRecords, type PackageRecord } from "./packages.ts";

/**
 * apt with a configuration, sources, lists and caches of our own: it works without root, leaves the host's
 * apt alone, and verifies every signature and checksum itself. The host's own settings (proxies, credentials)
 * still apply.
 */

const updateDeadlineMs = 180_000;
const queryDeadlineMs = 60_000;
const downloadDeadlineMs = 900_000;
const lockRetryMs = 1000;

async function readSourceFiles(): Promise<SourceFile[]> {
  const parts = "/etc/apt/sources.list.d";
  const names = await readdir(parts).catch(() => [] as string[]);
  const paths = ["/etc/apt/sources.list", ...names.filter((name) => /\.(?:list|sources)$/.test(name)).sort().map((name) => join(parts, name))];
  const files = await Promise.all(
    paths.map(async (path) => ({ fileName: basename(path), text: await readFile(path, "utf8").catch(() => "") })),
  );
  return files.filter((file) => file.text !== "");
}

/** Values are paths of ours; apt's configuration language has no escape for a quote. */
function configuration(folder: string): string {
  if (/["\n]/.test(folder)) throw new LabError("host", { what: "apt cannot use a folder with a quote in its name", where: folder });
  return `
Dir::State "${folder}/state";
Dir::State::lists "${folder}/lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
Dir::Cache::archives "archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "${folder}/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "${catalogue.image.architecture}";
#clear APT::Architectures;
APT::Architectures { "${catalogue.image.architecture}"; };
// Nothing but a verified archive, whatever the host allows itself.
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
// The sandbox user cannot enter a home folder; without this apt warns and goes on as root all the same.
APT::Sandbox::User "root";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
// Hooks that the host runs after an update clean the host's caches and wake its desktop.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`;
}

/** An apt of our own in `folder`, for the suites of the whole catalogue. */
export class Apt {
  private readonly folder: string;
  private readonly task: LongTask;
  /** What the last update complained of: the reason when a package is then not found. */
  private complaints = "";

  private constructor(folder: string, task: LongTask) {
    this.folder = folder;
    this.task = task;
  }

  /**
   * Writes the configuration. Fetches nothing.
   *
   * @throws LabError `host` when this host has no apt or no Debian mirror among its sources
   */
  static async open(folder: string, task: LongTask): Promise<Apt> {
    const files = await readSourceFiles();
    const archives = debianArchives(files);
    if (archives.main === null) {
      throw new LabError("host", {
        what: "none of this host's apt sources is a Debian mirror, so the kernels of the catalogue cannot be fetched",
        where: "/etc/apt",
        next: "Give a kernel of your own by its path, or add a Debian mirror to /etc/apt/sources.list.d.",
      });
    }
    const suites = catalogue.series.flatMap((series) => series.suites);
    await mkdir(join(folder, "lists/partial"), { recursive: true });
    await mkdir(join(folder, "cache/archives/partial"), { recursive: true });
    await mkdir(join(folder, "state"), { recursive: true });
    await writeFile(join(folder, "status"), "");
    await writeFile(join(folder, "apt.conf"), configuration(folder));
    await writeFile(join(folder, "debian.sources"), sourcesFor(archives, suites, catalogue.image.architecture));
    return new Apt(folder, task);
  }

  /** True when an update has left package lists. */
  async hasLists(): Promise<boolean> {
    const names = await readdir(join(this.folder, "lists"));
    return names.some((name) => name.includes("_Packages"));
  }

  /** Fetches the package lists. An archive that does not answer is remembered, not an error: another may do. */
  async update(): Promise<void> {
    this.task.progress?.("package lists", "asking the Debian mirror");
    const end = Date.now() + updateDeadlineMs;
    for (;;) {
      const result = await this.apt("apt-get", ["update", "-q"], Math.max(1, end - Date.now()));
      this.complaints = result.stderr.split("\n").filter((line) => /^[EW]:/.test(line)).slice(0, 4).join("\n");
      // Another of our processes may be updating the same lists.
      if (result.exitCode === 0 || !result.stderr.includes("Could not get lock")) return;
      await new Promise((resolve) => setTimeout(resolve, lockRetryMs));
    }
  }

  /** Every version of every image package that the lists know. */
  async imageCandidates(): Promise<PackageRecord[]> {
    const { prefix, suffix } = catalogue.image;
    const listed = await this.apt("apt-cache", ["pkgnames", prefix], queryDeadlineMs);
    return this.show(listed.stdout.split("\n").filter((name) => name.endsWith(suffix)));
  }

  /** The records of packages; those unknown are left out. */
  async show(names: readonly string[]): Promise<PackageRecord[]> {
    if (names.length === 0) return [];
    const result = await this.apt("apt-cache", ["show", "--", ...names], queryDeadlineMs);
    return parseRecords(result.stdout);
  }

  /**
   * Downloads packages into `into`.
   *
   * @throws CommandError when one of them is gone, does not match its checksum, or the mirror does not answer
   */
  async download(packages: readonly PackageRecord[], into: string): Promise<void> {
    const totalBytes = packages.reduce((sum, one) => sum + one.downloadBytes, 0);
    const totalMb = Math.round(totalBytes / 1e6);
    this.task.progress?.("download", `${totalMb} MB`);
    await runChecked("apt-get", ["-c", join(this.folder, "apt.conf"), "-o", "APT::Status-Fd=2", "-q", "download", ...packages.map((one) => `${one.name}=${one.version}`)], {
      cwd: into,
      deadlineMs: downloadDeadlineMs,
      signal: this.task.signal,
      onLine: (line) => {
        const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
        if (percent === undefined) return;
        const doneBytes = Math.round((totalBytes * Number(percent)) / 100);
        this.task.progress?.("download", `${Math.round(Number(percent))} % of ${totalMb} MB`, { doneBytes, totalBytes });
      },
    });
  }

  /** The error for a series that no list carries, with what the mirror said. */
  notFound(series: string, suites: readonly string[]): LabError {
    return new LabError("host", {
      what: `no kernel of this series in ${suites.join(", ")}${this.complaints === "" ? "" : `; apt said:\n${this.complaints}\n`}`,
      where: `kernel ${series}`,
      next: "Check that this machine reaches its Debian mirror (apt-get update), or choose another series with `npm start -- kernels`.",
    });
  }

  private apt(command: string, args: readonly string[], deadlineMs: number): Promise<RunResult> {
    return run(command, ["-c", join(this.folder, "apt.conf"), ...args], { deadlineMs, signal: this.task.signal });
  }
}

/** True when a download failed because the lists are older than the archive. */
export function isGoneFromArchive(error: unknown): boolean {
  return error instanceof CommandError && error.failure === "exit" && /404|was not found|Unable to locate|no candidate|size mismatch|Hash Sum/i.test(error.stderr);
}
