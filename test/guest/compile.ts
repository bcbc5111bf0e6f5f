import { fileURLToPath } from "node:url";
import { run } from "../../src/lab/process.ts";

/** Builds one of the programs of `programs/`; throws with what the compiler says. */
export async function compileProgram(name: string, path: string, ...flags: string[]): Promise<void> {
  const source = fileURLToPath(new URL(`programs/${name}.c`, import.meta.url));
  const { exitCode, stderr } = await run("gcc", ["-O1", "-o", path, source, ...flags], { deadlineMs: 60_000 });
  if (exitCode !== 0) throw new Error(`${name} does not compile: ${stderr}`);
}
