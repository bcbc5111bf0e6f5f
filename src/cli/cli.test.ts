import { describe, expect, test } from "vitest";
import { fakeContext, type FakeContextOptions } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { parseResult } from "../report/parse.ts";
import { LabError } from "../lab/errors.ts";
import { runCommandLine } from "./cli.ts";

async function call(line: string, options: FakeContextOptions = {}) {
  const context = fakeContext(options);
  const exitCode = await runCommandLine(line === "" ? [] : line.split(" "), context);
  return { exitCode, out: context.out(), err: context.err() };
}

const neverEnds = (): Promise<never> => new Promise(() => undefined);

describe("run", () => {
  test("asks the lab for what the command line says", async () => {
    const lab = fakeLab();
    const line =
      "run brim -r ~/linux --device zram --folio 64kB --size 16M --swap-size 32M --cpus 2 --model 6.1 -m 2G --accel tcg --cold --set rounds=4 --set text=a=b";
    expect((await call(line, { lab })).exitCode).toBe(0);
    expect(lab.runRequests).toEqual([
      {
        experiment: "brim",
        kernel: "~/linux",
        device: "zram",
        folio: "64kB",
        size: "16M",
        swapSize: "32M",
        cpus: 2,
        model: "6.1",
        memoryMb: 2048,
        accelerator: "tcg",
        cold: true,
        set: { rounds: "4", text: "a=b" },
      },
    ]);
  });

  test("leaves to the experiment what the command line does not say; no command is the default experiment", async () => {
    const lab = fakeLab();
    await call("", { lab });
    await call("run", { lab });
    const request = { experiment: "munmap-after-pageout", kernel: "6.12", memoryMb: 1024, cold: false, set: {} };
    expect(lab.runRequests).toEqual([request, request]);
  });

  test.each([
    ["pass", passResult(), 0],
    ["fail", failResult(), 1],
    ["lost", lostResult(), 3],
    ["invalid", invalidResult(), 125],
  ])("exits with the code of its verdict: %s", async (verdict, result, exitCode) => {
    const { exitCode: code, out } = await call("run", { lab: fakeLab({ result }) });
    expect(code).toBe(exitCode);
    expect(out).toMatch(new RegExp(`^${verdict}   `, "m"));
  });

  test("--json prints exactly one document; everything else goes to standard error", async () => {
    const { out, err } = await call("run --json");
    expect(parseResult(out)).toEqual({ ok: true, result: passResult() });
    expect(err).toBe("restore: waiting for the guest's first message\npageout: waiting for writeback to end\n");
  });

  test("--ktap and --mail print those forms", async () => {
    expect((await call("run --ktap")).out).toMatch(/^KTAP version 1\n1\.\.1\n/);
    expect((await call("run --mail")).out).toContain("machine   QEMU 7.2.22, TCG, 1 vCPU, 1024 MiB\n");
  });

  test("--dry-run prints and starts nothing", async () => {
    const lab = fakeLab({ run: neverEnds, dryRun: async () => "qemu-system-x86_64 \x1b[2J\n" });
    const { exitCode, out } = await call("run --dry-run", { lab });
    expect([exitCode, out]).toEqual([0, "qemu-system-x86_64 ^[[2J\n"]);
  });

  test("--keep prints the result before the console is attached, and only once", async () => {
    const { exitCode, out } = await call("run --keep", { input: ["ls\n"] });
    expect(exitCode).toBe(0);
    expect(out.match(/31 checks, 31 exact/g)).toHaveLength(1);
    expect(out.indexOf("31 checks")).toBeLessThan(out.indexOf("ran ls"));
  });

  test("a guest that was lost cannot be kept, and its result is still printed", async () => {
    const lab = fakeLab({ run: async () => ({ result: lostResult(), bundlePath: "" }) });
    const { exitCode, out } = await call("run --keep", { lab });
    expect(exitCode).toBe(3);
    expect(out).toContain("The guest's last words:");
  });
});

describe("a command that makes no sense exits with 125 and says why", () => {
  test.each([
    ["rnu", "unknown command 'rnu'\n(Did you mean run?)"],
    ["run --devcie nvme", "unknown option '--devcie'\n(Did you mean --device?)"],
    ["run --device floppy", "Allowed choices are nvme, nvme-hdd, scsi-ssd, scsi-hdd, virtio, virtio-ssd, brd, zram."],
    ["run --accel xen", "Allowed choices are tcg, kvm."],
    ["run --json --ktap", "option '--json' cannot be used with option '--ktap'"],
    ["run --keep --json", "--keep and --json exclude each other"],
    ["run --keep --dry-run", "--dry-run and --keep exclude each other"],
    ["run --dry-run --mail", "--dry-run and --mail exclude each other"],
    ["run --set rounds", "Give it as name=value."],
    ["run --set a=1 --set a=2", '"a" is given twice.'],
    ["run --memory 3", "64M to 1024G"],
    ["run --memory 1T", "64M to 1024G"],
    ["run --folio", "argument missing"],
    ["run brim brim", "too many arguments"],
    ["kernels fetch", "missing required argument 'series'"],
  ])("%s", async (line, message) => {
    const { exitCode, out, err } = await call(line);
    expect(exitCode).toBe(125);
    expect(err).toContain(message);
    expect(out).toBe(line.includes("--json") ? out : "");
  });

  test("and shows nothing of it to the terminal as it was typed", async () => {
    for (const word of ["run\x1b[2J", "--\x1b[2J"]) {
      const context = fakeContext();
      expect(await runCommandLine([word], context)).toBe(125);
      expect(context.err()).toContain("^[[2J");
      expect(context.err()).not.toContain("\x1b");
    }
  });
});

describe("an error of the lab", () => {
  const problem = { what: "no arch/x86/boot/bzImage in it", where: 'kernel "~/linux"', next: "Build it first (make bzImage)." };

  test.each([
    ["usage", 125],
    ["host", 125],
    ["invalid", 125],
    ["lost", 3],
  ] as const)("of the kind %s exits with %i", async (kind, exitCode) => {
    const lab = fakeLab({ run: async () => Promise.reject(new LabError(kind, problem)) });
    const result = await call("run", { lab });
    expect(result.exitCode).toBe(exitCode);
    expect(result.out).toBe("");
    expect(result.err).toBe('kernel "~/linux": no arch/x86/boot/bzImage in it. Build it first (make bzImage).\n');
  });

  test("is one document for a reader of --json", async () => {
    const lab = fakeLab({ run: async () => Promise.reject(new LabError("host", problem)) });
    expect(JSON.parse((await call("run --json", { lab })).out)).toEqual({ schema: "swaplab.error/1", kind: "host", ...problem });
    expect(JSON.parse((await call("run --json --device floppy")).out)).toMatchObject({ kind: "usage" });
  });

  test("that is a mistake of ours is no verdict: a bisection skips it", async () => {
    const lab = fakeLab({ run: async () => Promise.reject(new TypeError("x is undefined")) });
    const { exitCode, err } = await call("run", { lab });
    expect(exitCode).toBe(125);
    expect(err).toMatch(/^TypeError: x is undefined\n +at /);
  });
});

test("Ctrl-C ends a run with 130", async () => {
  const lab = fakeLab({
    run: async (_request, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const context = fakeContext({ lab });
  const ended = runCommandLine(["run"], context);
  context.interrupt();
  expect(await ended).toBe(130);
  expect(context.err()).toBe("Interrupted.\n");
});

describe("show", () => {
  test("prints a run again, without saying how to, and exits with its code", async () => {
    const { exitCode, out } = await call("show 2026-11-23-2", { lab: fakeLab({ result: failResult() }) });
    expect(exitCode).toBe(1);
    expect(out).toContain("fail   31 checks, 26 exact, 5 differ   run 2026-11-23-2\n");
    expect(out).not.toContain("open:");
  });

  test("hands on the name, or none for the newest", async () => {
    const asked: (string | undefined)[] = [];
    const lab = fakeLab({ openRun: async (name) => (asked.push(name), { result: passResult(), bundlePath: "" }) });
    await call("show ./bundle", { lab });
    await call("show", { lab });
    expect(asked).toEqual(["./bundle", undefined]);
  });
});

describe("lists", () => {
  test("of experiments, no wider than 80 columns", async () => {
    const { out } = await call("list");
    expect(out).toMatch(/^munmap-after-pageout {2}memory is paged out/);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("of runs, broken ones among them", async () => {
    const asked: number[] = [];
    const base = fakeLab();
    const lab = fakeLab({ listRuns: async (count) => (asked.push(count), base.listRuns(count)) });
    const { out } = await call("list --runs", { lab });
    expect(out).toMatch(/^2026-11-23-2 {2}broken /m);
    expect(out).toMatch(/^2026-11-23-1 {2}pass {4}munmap-after-pageout {2}6\.12\.117\+deb12-cloud-amd64, nvme$/m);
    expect(out).toContain("and 3 older runs");
    await call("list --runs --all", { lab });
    expect(asked).toEqual([20, Infinity]);
  });

  test("of kernels, and the one that was fetched", async () => {
    expect((await call("kernels")).out).toMatch(/^6\.18 {2}not fetched/m);
    expect((await call("kernels fetch 6.18")).out).toBe("6.18  fetched  6.18.5-cloud-amd64  trixie-backports\n");
  });

  test("doctor exits with 125 when something is missing, with 0 when all that is wrong is slow", async () => {
    const { exitCode, out } = await call("doctor");
    expect(exitCode).toBe(125);
    expect(out).toMatch(/^missing {2}compiler {2}no gcc in PATH\n +Install it: apt install gcc libc6-dev$/m);
    const warnings = fakeLab({ doctor: async () => [{ name: "kvm", status: "warning", detail: "slow", next: "" }] });
    expect((await call("doctor", { lab: warnings })).exitCode).toBe(0);
  });
});

describe("help", () => {
  test.each(["", "run ", "list ", "show ", "kernels ", "console ", "doctor "])("of %j goes to standard output, 80 columns at most", async (command) => {
    const { exitCode, out, err } = await call(`${command}--help`);
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toContain("Usage: npm start --");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("how it looks", () => {
  const coloured = async (options: FakeContextOptions): Promise<boolean> => (await call("run", options)).out.includes("\x1b[");

  test("colour on a terminal only, and not where it is unwanted", async () => {
    expect(await coloured({ terminal: true })).toBe(true);
    expect(await coloured({ terminal: false })).toBe(false);
    expect(await coloured({ terminal: true, environment: { NO_COLOR: "1" } })).toBe(false);
    expect(await coloured({ terminal: true, environment: { NO_COLOR: "" } })).toBe(true);
    expect(await coloured({ terminal: true, environment: { TERM: "dumb" } })).toBe(false);
  });

  test("ASCII where the locale has no more", async () => {
    const fail = { lab: fakeLab({ result: failResult() }) };
    expect((await call("run", { ...fail, environment: { LANG: "C" } })).out).not.toContain("≠");
    expect((await call("run", { ...fail, environment: { LC_ALL: "C", LANG: "de_DE.UTF-8" } })).out).not.toContain("≠");
    expect((await call("run", { ...fail, environment: { LANG: "de_DE.UTF-8" } })).out).toContain("≠");
    expect((await call("run", fail)).out).toContain("≠");
  });

  test("one living line on a terminal, gone before the result", async () => {
    const { err } = await call("run", { terminal: true, columns: 40 });
    const [before, first, second, after] = err.split("\r\x1b[K");
    expect(first).toMatch(/^\d\.\d s {2}restore: waiting for the guest'…$/);
    expect(second).toMatch(/^\d\.\d s {2}pageout: waiting for writeback …$/);
    expect([before, after]).toEqual(["", ""]);
    expect(err).not.toContain("\n");
  });
});
