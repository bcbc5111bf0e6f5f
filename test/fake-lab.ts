import type { CompareRequest, ConsoleRequest, Lab, LabTask, ProgramRequest, RunRequest, Terminal } from "../src/api/lab.ts";
import { exploreMutants, exploreRace, listRaces } from "../src/lab/races.ts";
import { defaultSettings } from "../src/api/settings.ts";
import type { Result } from "../src/report/result.ts";
import { sampleDesigns } from "./sample-designs.ts";
import { sampleComparison } from "./sample-comparison.ts";
import { passResult } from "./sample-results.ts";

/** A lab without guests, for tests of the faces: it remembers what it was asked and answers from samples. */
export interface FakeLab extends Lab {
  readonly runRequests: RunRequest[];
  readonly programRequests: ProgramRequest[];
  readonly consoleRequests: ConsoleRequest[];
  readonly compareRequests: CompareRequest[];
}

export function fakeLab(answers: Partial<Lab> & { readonly result?: Result } = {}): FakeLab {
  const { result = passResult(), ...methods } = answers;
  const runRequests: RunRequest[] = [];
  const programRequests: ProgramRequest[] = [];
  const consoleRequests: ConsoleRequest[] = [];
  const compareRequests: CompareRequest[] = [];
  const outcome = { result, bundlePath: `/runs/${result.run}` };
  return {
    runRequests,
    programRequests,
    consoleRequests,
    compareRequests,
    run: async (request, task) => {
      runRequests.push(request);
      task.progress("restore", "waiting for the guest's first message");
      task.progress("pageout", "waiting for writeback to end");
      await task.onReady?.(outcome, { attach: echoShell });
      return outcome;
    },
    runProgram: async (request, task) => {
      programRequests.push(request);
      task.onOutput?.(new TextEncoder().encode("hello\n"), 0);
      return outcome;
    },
    matrix: async () => ({ schema: "swaplab.matrix/1", startedAt: "", kernels: [], experiments: [], cells: [], isComplete: true }),
    whoCatches: async () => ({ schema: "swaplab.who-catches/1", startedAt: "", experiments: [], pairs: [], cells: [], unknown: [], isComplete: true }),
    compare: async (request) => {
      compareRequests.push(request);
      return sampleComparison();
    },
    dryRun: async (request) => {
      runRequests.push(request);
      return "1 pageout main.a\n  placement a   512 @ 16384\nqemu-system-x86_64 -m 1024\n";
    },
    listExperiments: () => [
      { name: "munmap-after-pageout", title: "memory is paged out, then unmapped: how many look-ups does freeing its slots take?" },
      { name: "fork-then-unmap", title: "a child shares the swapped pages, then the parent lets go of them" },
      { name: "brim", title: "more memory than swap" },
    ],
    listRuns: async () => ({
      runs: [
        { ok: false, name: "2026-11-23-2", label: "", problem: "It is not a result: steps[3].checks[0].kind is missing" },
        {
          ok: true,
          name: "2026-11-23-1",
          label: "",
          verdict: "pass",
          experiment: "munmap-after-pageout",
          release: "6.12.117+deb12-cloud-amd64",
          device: "nvme",
          startedAt: "2026-11-23T12:03:11.000Z",
        },
      ],
      olderCount: 3,
    }),
    openRun: async () => outcome,
    readRunFile: async (_run, file, { fromByte, byteCount }) => {
      const bytes = new TextEncoder().encode(`This is ${file}.\n`);
      return { bytes: bytes.subarray(fromByte, fromByte + byteCount), sizeBytes: bytes.length };
    },
    renameRun: async (_run, label) => label.trim(),
    removeRun: async () => undefined,
    restoreRun: async () => undefined,
    exportRun: async (run, format) => ({ fileName: `${run}.${format}`, mediaType: "text/plain", bytes: new TextEncoder().encode(format) }),
    importRun: async () => ({ ok: false, name: "2026-11-23-3", label: "imported", problem: "It is not a result" }),
    listOwnExperiments: async () => [{ name: "mine", title: "", problem: "line 3: op 1 region: is missing" }],
    readExperiment: async (name) => ({ name, isOwn: false, text: 'name = "brim"\n' }),
    checkExperiment: (text) => ({ ok: false, line: 1, field: "name", problem: `is missing in ${text.length} characters` }),
    saveExperiment: async (name) => `/experiments/${name}.toml`,
    removeExperiment: async (name) => `name = "${name}"\n`,
    readSettings: async () => defaultSettings,
    writeSettings: async () => undefined,
    designs: sampleDesigns,
    measureDesigns: async () => [],
    // These need no guest.
    races: listRaces,
    race: exploreRace,
    raceMutants: exploreMutants,
    tourStops: () => [],
    visitStop: async () => {
      throw new Error("this lab has no tour");
    },
    kernels: async () => [
      { series: "6.1", release: "6.1.0-56-cloud-amd64", packageVersion: "6.1.192-2", fetched: true, detail: "bookworm-security" },
      { series: "6.18", release: "", packageVersion: "", fetched: false, detail: "trixie-backports" },
    ],
    fetchKernel: async (series, { progress }: LabTask) => {
      progress("fetch", `${series}: 12 of 26 MB`);
      return { series, release: `${series}.5-cloud-amd64`, packageVersion: `${series}.5-1`, fetched: true, detail: "trixie-backports" };
    },
    doctor: async () => [
      { name: "qemu", status: "ok", detail: "QEMU 7.2.22", next: "" },
      { name: "kvm", status: "warning", detail: "/dev/kvm is there, but the guest did not boot with it within 10 s; TCG runs", next: "" },
      { name: "compiler", status: "missing", detail: "no gcc in PATH", next: "Install it: apt install gcc libc6-dev" },
    ],
    console: async (request, { progress, terminal }) => {
      consoleRequests.push(request);
      progress("restore", "waiting for the guest's first message");
      await echoShell(terminal);
    },
    ...methods,
  };
}

/** Behaves as a shell on a serial port as far as a face can tell: echoes what is typed and runs printf. */
async function echoShell(terminal: Terminal): Promise<void> {
  const encoder = new TextEncoder();
  terminal.write(encoder.encode("/ # "));
  let line = "";
  for await (const bytes of terminal.input) {
    const typed = new TextDecoder().decode(bytes);
    terminal.write(encoder.encode(typed.replaceAll("\n", "\r\n")));
    line += typed;
    for (let end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
      if (line.slice(0, end) === "printf '\\035'") terminal.write(new Uint8Array([0x1d]));
      else terminal.write(encoder.encode(`ran ${line.slice(0, end)}\r\n/ # `));
      line = line.slice(end + 1);
    }
  }
}
