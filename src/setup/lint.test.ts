import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../lab/process.ts";

/** The rules that hold the house together, each shown to fire on a file that breaks it and to let a good one pass. */

const root = join(import.meta.dirname, "../..");
const configuration = join(root, ".oxlintrc.json");
const folder = mkdtempSync(join(tmpdir(), "swaplab-lint-"));
const layering = "no-restricted-imports";

/** File, its text, the rule it breaks; "" for a file that breaks none. */
const cases: readonly (readonly [path: string, text: string, rule: string])[] = [
  ["src/model/a.ts", 'import { x } from "../workload/ops.ts";\nexport const y = x;\n', layering],
  ["src/model/r.ts", 'import { x } from "../races/explorer.ts";\nexport const y = x;\n', layering],
  ["src/races/s.ts", 'import { x } from "../report/race.ts";\nexport const y = x;\n', layering],
  ["src/workload/t.ts", 'import { x } from "../races/explorer.ts";\nexport const y = x;\n', layering],
  ["src/workload/b.ts", 'export { x } from "../compare/ops.ts";\n', layering],
  ["src/protocol/c.ts", 'import { x } from "../lab/errors.ts";\nexport const y = x;\n', layering],
  ["src/compare/d.ts", 'import type { X } from "../report/result.ts";\nexport type Y = X;\n', layering],
  ["src/report/e.ts", 'import { x } from "../api/lab.ts";\nexport const y = x;\n', layering],
  ["src/api/f.ts", 'import { x } from "../lab/deep/down.ts";\nexport const y = x;\n', layering],
  ["src/lab/g.ts", 'import { x } from "../cli/output.ts";\nexport const y = x;\n', layering],
  ["src/lab/h.ts", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["src/lab/deep/i.ts", 'import { spawn } from "child_process";\nexport const y = spawn;\n', layering],
  ["src/lab/j.ts", 'import { app } from "electron";\nexport const y = app;\n', layering],
  ["src/cli/k.ts", 'import { x } from "../server/serve.ts";\nexport const y = x;\n', layering],
  ["src/cli/l.ts", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["src/cli/main.ts", 'import { x } from "../server/good.ts";\nexport const y = x;\n', ""],
  ["src/server/good.ts", 'import { x } from "../lab/errors.ts";\nexport { x };\n', ""],
  ["src/server/q.ts", 'import { x } from "../cli/output.ts";\nexport const y = x;\n', layering],
  ["src/setup/m.mjs", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["test/n.ts", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["test/electron-host/host.ts", 'import { x } from "../../main/names.ts";\nexport const y = x;\n', layering],
  ["main/serves.ts", 'import { x } from "../src/server/serve.ts";\nexport const y = x;\n', layering],
  ["main/starts.ts", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["renderer/o.ts", 'import { x } from "../src/lab/errors.ts";\nexport const y = x;\n', layering],
  ["renderer/views/start/r.tsx", 'import { x } from "../run/good.ts";\nexport const y = x;\n', layering],
  ["renderer/views/start/s.ts", 'import { x } from "../../views/run/good.ts";\nexport const y = x;\n', layering],
  ["renderer/views/start/t.ts", 'import { x } from "../../../src/lab/errors.ts";\nexport const y = x;\n', layering],
  ["renderer/shell/u.ts", 'import { x } from "../views/run/good.ts";\nexport const y = x;\n', layering],
  ["renderer/state/v.ts", 'import { x } from "../../src/lab/errors.ts";\nexport const y = x;\n', layering],
  ["renderer/parts/w.ts", 'import { readFileSync } from "node:fs";\nexport const y = readFileSync;\n', layering],
  ["renderer/parts/inner.ts", "export const show = (at: HTMLElement, text: string): void => {\n  at.innerHTML = text;\n};\n", "no-restricted-properties"],
  ["renderer/parts/danger.tsx", "export const Show = ({ text }: { text: string }) => <p dangerouslySetInnerHTML={{ __html: text }} />;\n", "no-danger"],
  ["src/model/cycle-a.ts", 'import { b } from "./cycle-b.ts";\nexport const a = () => b;\n', "no-cycle"],
  ["src/model/cycle-b.ts", 'import { a } from "./cycle-a.ts";\nexport const b = () => a;\n', "no-cycle"],
  ["src/lab/floating.ts", "const later = async (): Promise<void> => {};\nexport const now = (): void => {\n  later();\n};\n", "no-floating-promises"],
  ["src/model/p.test.ts", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', layering],
  ["src/model/good.test.ts", 'import { x } from "../lab/errors.ts";\nexport const y = x;\n', ""],
  ["src/lab/process.ts", 'import { spawn } from "node:child_process";\nimport { x } from "./errors.ts";\nexport const y = [spawn, x];\n', ""],
  ["src/setup/children.mjs", 'import { spawn } from "node:child_process";\nexport const y = spawn;\n', ""],
  ["src/lab/errors.ts", 'import { x } from "../api/good.ts";\nexport { x };\n', ""],
  ["src/api/good.ts", 'export { x } from "../report/good.ts";\n', ""],
  ["src/report/good.ts", 'export { x } from "../compare/good.ts";\nexport { y } from "../races/good.ts";\n', ""],
  ["src/races/good.ts", 'export { x as y } from "../model/good.ts";\n', ""],
  ["src/compare/good.ts", 'export { x } from "../workload/good.ts";\n', ""],
  ["src/workload/good.ts", 'export { x } from "../model/good.ts";\n', ""],
  ["src/model/good.ts", "export const x = 1;\n", ""],
  ["renderer/views/run/good.ts", 'import { x } from "../../state/good.ts";\nimport { y } from "./also.ts";\nexport const z = [x, y];\n', ""],
  ["renderer/views/run/also.ts", "export const y = 2;\n", ""],
  ["renderer/state/good.ts", 'export { x } from "../../src/api/good.ts";\n', ""],
  ["renderer/main.tsx", 'import { z } from "./views/run/good.ts";\nexport const y = z;\n', ""],
  ["main/good.ts", 'import { app } from "electron";\nimport { x } from "../src/lab/errors.ts";\nexport const y = [app, x];\n', ""],
];

/** `**` for any depth, `*` for part of a name and `{a,b}` for either: as much as the configuration uses. */
function matchesGlob(path: string, glob: string): boolean {
  const pattern = glob.replaceAll(".", "\\.").replace(/\{([^}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(",", "|")})`).replace(/\*\*\/|\*\*|\*/g, (stars) => ({ "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" })[stars] ?? "");
  return new RegExp(`^${pattern}$`).test(path);
}

interface Report {
  readonly number_of_files: number;
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}
let report: Report;

beforeAll(async () => {
  copyFileSync(configuration, join(folder, ".oxlintrc.json"));
  writeFileSync(join(folder, "tsconfig.json"), '{ "compilerOptions": { "strict": true, "noEmit": true, "allowImportingTsExtensions": true } }');
  for (const [path, text] of cases) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { stdout } = await run(join(root, "node_modules/.bin/oxlint"), ["--type-aware", "-f", "json"], {
    cwd: folder,
    env: { OXLINT_TSGOLINT_PATH: join(root, "node_modules/.bin/tsgolint") },
    deadlineMs: 60_000,
  });
  report = JSON.parse(stdout) as Report;
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every file is read", () => {
  expect(report.number_of_files).toBe(cases.length);
});

test.each(cases)("%s", (path, _, rule) => {
  const broken = report.diagnostics.filter(({ filename }) => filename === path).map(({ code }) => /\(([^)]*)\)/.exec(code)?.[1]);
  if (rule === "") expect(broken).toEqual([]);
  else expect(broken).toContain(rule);
});

test("every folder with a rule of its own is tried", () => {
  const { overrides } = JSON.parse(readFileSync(configuration, "utf8")) as { overrides: { files: string[] }[] };
  for (const [glob = ""] of overrides.map(({ files }) => files)) {
    const tried = cases.filter(([path]) => matchesGlob(path, glob)).map(([path]) => ({ glob, path }));
    expect(tried).not.toEqual([]);
  }
});
