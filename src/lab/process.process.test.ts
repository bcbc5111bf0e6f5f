import { build } from "esbuild";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommandError, findProgram, run, runChecked, runForBytes, spawnTied } from "./process.ts";

const deadlineMs = 20_000;

async function failureOf(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error as CommandError;
}

/** True while a process runs; a zombie does not count. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("the condition never came true");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("run", () => {
  test("hands back both streams and any exit status", async () => {
    const result = await run("sh", ["-c", "echo out; echo err >&2; exit 7"], { deadlineMs });
    expect(result).toEqual({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  });

  test("gives a command its input", async () => {
    expect((await run("cat", [], { deadlineMs, input: "hello" })).stdout).toBe("hello");
  });

  test("gives an empty input when there is none", async () => {
    expect((await run("cat", [], { deadlineMs })).stdout).toBe("");
  });

  test("does not mind a command that never reads its input", async () => {
    const result = await run("true", [], { deadlineMs, input: Buffer.alloc(4 * 1024 * 1024) });
    expect(result.exitCode).toBe(0);
  });

  test("says 128 + number for a signal", async () => {
    expect((await run("sh", ["-c", "kill -9 $$"], { deadlineMs })).exitCode).toBe(137);
  });

  test("passes arguments untouched by any shell", async () => {
    const odd = ["a b", "$HOME", '"', "", "--", "*"];
    const result = await run("printf", ["[%s]", ...odd], { deadlineMs });
    expect(result.stdout).toBe(odd.map((arg) => `[${arg}]`).join(""));
  });

  test("reports lines as they come, cut pieces put together", async () => {
    const lines: string[] = [];
    await run("sh", ["-c", "printf 'a'; sleep 0.05; printf 'b\\nc\\nd'; echo e >&2"], {
      deadlineMs,
      onLine: (line, stream) => lines.push(`${stream}:${line}`),
    });
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual(["stdout:ab", "stdout:c", "stdout:d"]);
    expect(lines).toContain("stderr:e");
  });

  test("keeps bytes as they are", async () => {
    const bytes = Buffer.from([0, 255, 128, 10, 0xc3]);
    expect((await runForBytes("cat", [], { deadlineMs, input: bytes })).stdout).toEqual(bytes);
  });

  test("ends a command at its deadline, with its descendants", async () => {
    let pid = 0;
    const error = await failureOf(
      run("sh", ["-c", "sleep 1000 & echo $!; wait"], { deadlineMs: 400, onLine: (line) => (pid = Number(line)) }),
    );
    expect(error.failure).toBe("deadline");
    expect(error.message).toContain("0.4 s");
    await until(() => pid > 0 && !isAlive(pid));
  });

  test("ends a command that ignores SIGTERM", async () => {
    const error = await failureOf(run("sh", ["-c", "trap '' TERM; while :; do sleep 0.05; done"], { deadlineMs: 200 }));
    expect(error.failure).toBe("deadline");
  });

  test("ends a command when aborted", async () => {
    const controller = new AbortController();
    const error = await failureOf(
      run("sh", ["-c", "echo started; sleep 1000"], { deadlineMs, signal: controller.signal, onLine: () => controller.abort() }),
    );
    expect(error.failure).toBe("aborted");
  });

  test("does not start a command that was aborted before", async () => {
    const error = await failureOf(run("true", [], { deadlineMs, signal: AbortSignal.abort() }));
    expect(error.failure).toBe("aborted");
  });

  test("ends a command that prints without end", async () => {
    const error = await failureOf(run("yes", [], { deadlineMs, maxStdoutBytes: 100_000 }));
    expect(error.failure).toBe("output");
  });

  test("keeps the end of a long standard error", async () => {
    const result = await run("sh", ["-c", "seq 1 100000 >&2"], { deadlineMs });
    expect(result.stderr.length).toBeLessThanOrEqual(64 * 1024);
    expect(result.stderr.endsWith("\n99999\n100000\n")).toBe(true);
  });

  test("names a program that is not there", async () => {
    const error = await failureOf(run("no-such-program-anywhere", [], { deadlineMs }));
    expect(error.failure).toBe("missing");
    expect(error.where).toBe("no-such-program-anywhere");
  });
});

test("runChecked turns a bad exit status into an error with the last words", async () => {
  const error = await failureOf(runChecked("sh", ["-c", "echo because >&2; exit 3"], { deadlineMs }));
  expect(error.failure).toBe("exit");
  expect(error.message).toMatch(/status 3[^]*because/);
});

test("findProgram takes only what can be executed", () => {
  expect(findProgram("sh")).toMatch(/^\/.*\/sh$/);
  expect(findProgram("/etc/passwd")).toBeNull();
  expect(findProgram("/etc")).toBeNull();
});

describe("spawnTied", () => {
  test("talks over pipes and tells how it ended", async () => {
    const child = spawnTied("sh", ["-c", 'read line; echo "got $line"; exit 4']);
    child.stdin.end("ping\n");
    let said = "";
    for await (const chunk of child.stdout) said += String(chunk);
    expect(said).toBe("got ping\n");
    expect(await child.exit).toEqual({ exitCode: 4, exitSignal: null });
  });

  test("is killed by an abort", async () => {
    const controller = new AbortController();
    const child = spawnTied("sleep", ["1000"], { signal: controller.signal });
    controller.abort();
    expect(await child.exit).toEqual({ exitCode: null, exitSignal: "SIGKILL" });
  });

  test("keeps its process id: the wrapper becomes the program", async () => {
    const child = spawnTied("sleep", ["1000"]);
    await until(() => readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0")[0]?.endsWith("/sleep") === true);
    child.kill("SIGTERM");
    expect((await child.exit).exitSignal).toBe("SIGTERM");
  });
});

describe("when we die", () => {
  const folder = mkdtempSync(join(tmpdir(), "swaplab-process-"));
  const parent = join(folder, "parent.mjs");

  beforeAll(async () => {
    const source = join(folder, "parent.ts");
    writeFileSync(
      source,
      `import { run, spawnTied } from ${JSON.stringify(join(import.meta.dirname, "process.ts"))};
       const tied = spawnTied("sleep", ["1000"]);
       void run("sh", ["-c", "echo $$; exec sleep 1000"], { deadlineMs: 1e6, onLine: (pid) => console.log(tied.pid + " " + pid) });`,
    );
    await build({ entryPoints: [source], outfile: parent, bundle: true, platform: "node", format: "esm", logLevel: "silent" });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("by %s, what we started dies", async (signal) => {
    const child = spawnTied(process.execPath, [parent]);
    let said = "";
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes("\n")) break;
    }
    const pids = said.trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.every(isAlive)).toBe(true);
    // The parent alone: a group kill would prove nothing.
    process.kill(child.pid, signal);
    await child.exit;
    await until(() => !pids.some(isAlive));
  });
});
