import { expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import type { MatrixRequest } from "../api/lab.ts";
import { type MatrixCell, matrixSchemaName } from "../report/matrix.ts";
import { runCommandLine } from "./cli.ts";

const cell = (verdict: MatrixCell["verdict"]): MatrixCell => ({
  ...{ experiment: "brim", kernel: "6.1", model: "6.1", verdict, reason: "a reason", checkCount: 3, memoryCheckCount: 1, run: "2026-11-24-1" },
});

function labWith(verdicts: readonly MatrixCell["verdict"][], requests: MatrixRequest[] = [], onRun: () => void = () => {}) {
  const cells = verdicts.map(cell);
  return fakeLab({
    matrix: async (request) => {
      requests.push(request);
      onRun();
      return { schema: matrixSchemaName, startedAt: "2026-11-24T12:00:00.000Z", kernels: ["6.1"], experiments: ["brim"], cells, isComplete: true };
    },
  });
}

test.each([
  [["pass", "pass"], 0],
  [["pass", "invalid"], 125],
  [["invalid", "lost"], 3],
  [["lost", "fail", "pass"], 1],
] as const)("%j exits with %i", async (verdicts, exitCode) => {
  expect(await runCommandLine(["matrix"], fakeContext({ lab: labWith(verdicts) }))).toBe(exitCode);
});

test("asks for what the command line says, and for everything when it says nothing", async () => {
  const requests: MatrixRequest[] = [];
  const lab = labWith(["pass"], requests);
  await runCommandLine(["matrix"], fakeContext({ lab }));
  await runCommandLine("matrix --kernel 6.1 6.12 --experiment brim --device brd --folio 64kB --accel tcg --cold".split(" "), fakeContext({ lab }));
  const base = { kernels: [], experiments: [], memoryMb: 1024, cold: false };
  expect(requests).toEqual([base, { ...base, kernels: ["6.1", "6.12"], experiments: ["brim"], device: "brd", folio: "64kB", accelerator: "tcg", cold: true }]);
});

test("--json prints one document", async () => {
  const context = fakeContext({ lab: labWith(["pass"]) });
  await runCommandLine(["matrix", "--json"], context);
  expect(JSON.parse(context.out())).toMatchObject({ schema: "swaplab.matrix/1", cells: [{ verdict: "pass" }] });
});

test("after Ctrl-C what there is is printed", async () => {
  const context = fakeContext({ lab: labWith(["pass"], [], () => context.interrupt()) });
  expect(await runCommandLine(["matrix"], context)).toBe(130);
  expect(context.out()).toMatch(/^brim +3$/m);
});

test("--models is non-zero when a pair was not caught", async () => {
  const pairs = [{ kernel: "6.1", generation: "6.1", model: "6.12", isSame: false }];
  const codes = await Promise.all(
    (["fail", "pass"] as const).map(async (verdict) => {
      const found = { schema: "swaplab.who-catches/1" as const, startedAt: "", experiments: ["brim"], pairs, cells: [{ ...cell(verdict), model: "6.12" }], unknown: [], isComplete: true };
      return runCommandLine(["matrix", "--models"], fakeContext({ lab: fakeLab({ whoCatches: async () => found }) }));
    }),
  );
  expect(codes).toEqual([0, 1]);
});
