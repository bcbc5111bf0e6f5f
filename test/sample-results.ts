import { resultSchemaName, type Check, type Result, type Step } from "../src/report/result.ts";

/** Results as the lab writes them, for tests of everything that shows or stores one. */

const exact = (name: string, model: number | string, real = model): Check => ({
  name,
  kind: "exact",
  model,
  real,
  ok: model === real,
});

const eightRuns = [16384, 32768, 49152, 512, 16896, 33280, 49664, 1024]
  .map((offset, index) => `${index * 512}+512@${offset}`)
  .join(",");

const wrongPlacement = "0+512@16384,512+512@32768,1024+512@512,1536+2560@1024";

const step = (index: number, op: string, text: string, durationMs: number, checks: Check[]): Step => ({
  index,
  op,
  text,
  durationMs,
  checks,
});

const quiet = (used: number): Check[] => [
  exact("errno", ""),
  exact("swap0.used_kb", used),
  exact("gauge.nr_swapcached", used / 4),
  exact("vmstat.pswpout", 0),
  exact("vmstat.pswpin", 0),
  exact("vmstat.thp_swpout_fallback", 0),
];

/** 31 exact checks, all equal. */
export const passResult = (): Result => ({
  schema: resultSchemaName,
  run: "2026-11-23-1",
  startedAt: "2026-11-23T12:03:11.000Z",
  verdict: "pass",
  reason: "All 31 checks are equal.",
  experiment: {
    name: "munmap-after-pageout",
    title: "16 MiB in 64 kB folios, paged out, then unmapped",
    device: "nvme",
    rotational: false,
    swapKb: 262144,
    parameters: { size: "16M", folio: "64kB" },
  },
  kernel: {
    name: "6.12",
    release: "6.12.117+deb12-cloud-amd64",
    packageVersion: "6.12.117-1~deb12u1",
    sha256: "3f0a".repeat(16),
    generation: "6.12",
    features: "per-order clusters, batched free",
  },
  command: ["run", "munmap-after-pageout", "--kernel", "6.12", "--device", "nvme", "--folio", "64kB", "--size", "16M"],
  model: { generation: "6.12", forced: false },
  host: {
    accelerator: "tcg",
    acceleratorReason: "the guest did not boot with kvm within 10 s",
    qemu: "7.2.22",
    cpuCount: 1,
    memoryMb: 1024,
    start: "restored",
  },
  assumptions: ["one vCPU", "the swap area is 65536 pages long"],
  remarks: [],
  timings: { bootMs: 264, toVerdictMs: 1380 },
  firstDivergence: null,
  steps: [
    step(0, "swapon", "swapon, 262144 kB", 12, [exact("swap0.size_kb", 262140), exact("swap0.used_kb", 0)]),
    step(1, "map", "map a: 4096 pages, folio order 4, private", 1, quiet(0)),
    step(2, "fill", "fill a pages 0..4095 with words", 210, quiet(0)),
    step(3, "pageout", "pageout a pages 0..4095", 96, [
      exact("placement.main.a", eightRuns),
      exact("swap0.used_kb", 16384),
      exact("gauge.nr_swapcached", 4096),
      exact("vmstat.pswpout", 4096),
      exact("vmstat.pswpin", 0),
      exact("vmstat.thp_swpout", 0),
      exact("folio.64kB.swpout", 256),
      exact("folio.64kB.swpout_fallback", 0),
    ]),
    step(4, "unmap", "unmap a pages 0..4095", 118, [
      exact("errno", ""),
      exact("swap0.used_kb", 0),
      exact("gauge.nr_swapcached", 0),
      exact("vmstat.pswpin", 0),
      exact("calls.free_swap_and_cache_nr", 8),
      exact("calls.__try_to_reclaim_swap", 256),
      exact("calls.put_swap_folio", 256),
      exact("returns.__try_to_reclaim_swap", "16:256"),
      exact("wrong_pages", 0),
    ]),
  ],
  lastWords: [],
});

/** The same guest beside the model of the other generation. */
export function failResult(): Result {
  const result = passResult();
  const wrongModel: Record<string, number | string> = {
    "3 placement.main.a": wrongPlacement,
    "3 folio.64kB.swpout": 0,
    "4 calls.free_swap_and_cache_nr": 0,
    "4 calls.__try_to_reclaim_swap": 8,
    "4 returns.__try_to_reclaim_swap": "512:8",
  };
  const steps = result.steps.map((candidate) => ({
    ...candidate,
    checks: candidate.checks.map((check) => {
      const model = wrongModel[`${candidate.index} ${check.name}`];
      return model === undefined ? check : exact(check.name, model, check.real);
    }),
  }));
  return {
    ...result,
    run: "2026-11-23-2",
    verdict: "fail",
    reason: "placement a differs.",
    command: [...result.command, "--model", "6.1"],
    model: { generation: "6.1", forced: true },
    steps,
    firstDivergence: { step: 3, op: "pageout", metric: "placement.main.a", model: wrongPlacement, real: eightRuns },
  };
}

/** A guest that panicked in the middle of a step. */
export function lostResult(): Result {
  const result = passResult();
  return {
    ...result,
    run: "2026-11-23-3",
    verdict: "lost",
    reason: "The guest stopped answering during step 3 (pageout): nothing came for 30 s.",
    remarks: ["2 damaged lines on the wire were skipped"],
    steps: result.steps.slice(0, 3),
    lastWords: [
      "[    2.104031] BUG: kernel NULL pointer dereference, address: 0000000000000008",
      "[    2.104502] \x1b[31mKernel panic\x1b[0m - not syncing: Fatal exception",
    ],
  };
}

/** A kernel that cannot run the experiment. */
export function invalidResult(): Result {
  const result = passResult();
  return {
    ...result,
    run: "2026-11-23-4",
    verdict: "invalid",
    reason: "The kernel has no 64 kB folios: it lacks /sys/kernel/mm/transparent_hugepage/hugepages-64kB. Choose --folio 2048kB or a kernel from 6.8 on.",
    experiment: { ...result.experiment, rotational: null },
    kernel: { ...result.kernel, name: "6.1", release: "6.1.0-56-cloud-amd64", generation: "", features: "" },
    timings: { bootMs: 0, toVerdictMs: 400 },
    host: { ...result.host, start: "none" },
    steps: [],
  };
}

/** A program of a person's own, that exits with 3. */
export function programResult(): Result {
  const result = passResult();
  const required: Check = { name: "memory.swap0.used_slots", kind: "invariant", model: 64, real: 64, ok: true, reason: "the area's count is the number of slots that are in use" };
  const end: Check = { name: "program.end", kind: "invariant", model: "exited with 0", real: "exited with 3", ok: false, reason: "that is how a program says that all went well" };
  return {
    ...result,
    run: "2026-11-23-5",
    verdict: "fail",
    reason: "The program exited with 3.",
    experiment: { ...result.experiment, name: "my_test", title: "./my_test -v 'a b'", parameters: { "swap-size": "256M", timeout: "60s" } },
    command: ["run", "--program", "./my_test", "--kernel", "6.12", "--", "-v", "a b"],
    model: { generation: "", forced: false },
    assumptions: [],
    steps: [
      { ...step(0, "swapon", "swapon, 262144 kB", 12, [required]), readings: [{ name: "swap0.used_kb", value: 0 }] },
      {
        ...step(1, "program", "./my_test -v 'a b'", 1820, [required, end]),
        readings: [
          { name: "swap0.used_kb", value: 256 },
          { name: "vmstat.pswpout", value: 4096 },
          { name: "calls.folio_free_swap", value: 8192 },
          { name: "returns.__try_to_reclaim_swap", value: "16:256" },
        ],
      },
    ],
    firstDivergence: { step: 1, op: "program", metric: "program.end", model: "exited with 0", real: "exited with 3" },
    program: {
      path: "./my_test",
      args: ["-v", "a b"],
      sha256: "3f0a".repeat(16),
      sizeBytes: 16_000,
      libraries: ["/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6"],
      files: [],
      timeoutMs: 60_000,
      end: "exit",
      endText: "exited with 3",
      exitCode: 3,
      signal: "",
      leftBehind: 0,
      oomKills: 0,
      pictures: 2,
      stdout: { sizeBytes: 45_031_436, keptBytes: 327_680, lines: Array.from({ length: 12 }, (_, index) => `line ${index}`) },
      stderr: { sizeBytes: 10, keptBytes: 10, lines: ["not as it"] },
    },
  };
}
