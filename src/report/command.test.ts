import fc from "fast-check";
import { expect, test } from "vitest";
import { runChecked } from "../lab/process.ts";
import { commandLine, commandLines, invocation } from "./command.ts";
import { displayWidth } from "./text.ts";

test("a command is quoted only where a shell needs it", () => {
  expect(commandLine(["run", "my experiment.toml", "--kernel", "/home/me/linux"])).toBe(
    "npm start -- run 'my experiment.toml' --kernel /home/me/linux",
  );
});

/** What a real shell makes of the lines: the arguments after the invocation. */
async function readByShell(lines: readonly string[]): Promise<string[]> {
  const script = lines.join("\n");
  expect(script.startsWith(invocation)).toBe(true);
  const { stdout } = await runChecked("sh", ["-c", `printf '%s\\n' x${script.slice(invocation.length)}`], { deadlineMs: 10_000 });
  return stdout.split("\n").slice(1, -1);
}

test("a wrapped command is read back by a shell as it was, however long its arguments", async () => {
  const argument = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: fc.constantFrom("a", "/", "'", " ", "$", "\\", "漢"), minLength: 60, maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(argument, { maxLength: 6 }), async (commandArguments) => {
      const lines = commandLines(commandArguments, 72);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(72);
      expect(await readByShell(lines)).toEqual(commandArguments);
    }),
    // What the shell itself would make something of.
    { numRuns: 60, examples: [[["~", "~/linux", "a=~", "#", "*", "$(id)", ""]]] },
  );
});
