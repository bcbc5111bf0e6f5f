// @ts-check
// `npm test`: sets up what is missing, then runs every check and test. Stages may be named: `npm test -- unit`.
import { endChildrenWithUs } from "./children.mjs";
import { root, setUp } from "./setup.mjs";
import { runStages, stages } from "./stages.mjs";

const usageExitCode = 2;
const names = process.argv.slice(2);
const unknown = names.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  process.stderr.write(`There is no stage ${unknown.map((name) => `"${name}"`).join(", ")}. Stages: ${stages.map((stage) => stage.name).join(", ")}.\n`);
  process.exit(usageExitCode);
}

const started = performance.now();
await setUp();
endChildrenWithUs();
process.stdout.write(`== set-up: ok, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
const { passed, failed, skipped } = await runStages(root, stages.filter((stage) => (names.length === 0 ? stage.onlyByName !== true : names.includes(stage.name))));
process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}\n`);
process.exitCode = failed === 0 ? 0 : 1;
