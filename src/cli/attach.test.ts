import { expect, test } from "vitest";
import { fakeContext } from "../../test/fake-context.ts";
import { fakeLab } from "../../test/fake-lab.ts";
import { runCommandLine } from "./cli.ts";

test("what a person types goes to the guest until Ctrl-]", async () => {
  const context = fakeContext({ terminal: true, input: ["ls\n", "\x03", "pwd\n\x1dnot for the guest\n"] });
  expect(await runCommandLine(["console", "--device", "zram"], context)).toBe(0);
  expect(context.out()).toContain("ran ls\r\n");
  expect(context.out()).toContain("ran \x03pwd\r\n");
  expect(context.out()).not.toContain("not for the guest");
  expect(context.rawModes).toEqual([true, false]);
  expect(context.err()).toContain("Ctrl-] leaves");
});

test("piped input ends the console when the guest's shell has run all of it", async () => {
  const context = fakeContext({ input: ["ls\nwhoami"] });
  expect(await runCommandLine(["console"], context)).toBe(0);
  expect(context.out()).toContain("ran ls\r\n");
  expect(context.out()).toContain("ran whoami\r\n");
  expect(context.out()).not.toContain("\x1d");
  expect(context.rawModes).toEqual([]);
});

test("a leave byte that the guest prints of itself ends nothing", async () => {
  const lab = fakeLab({
    console: async (_request, { terminal }) => {
      terminal.write(new Uint8Array([0x61, 0x1d, 0x62]));
      for await (const bytes of terminal.input) terminal.write(bytes);
    },
  });
  const context = fakeContext({ lab, terminal: true, input: ["still here", "\x1d"] });
  expect(await runCommandLine(["console"], context)).toBe(0);
  expect(context.out()).toBe("a\x1dbstill here");
});

test("the terminal is given back when the guest ends or fails", async () => {
  const console = async (_request: unknown, { terminal }: { terminal: { input: AsyncIterable<Uint8Array> } }): Promise<void> => {
    for await (const _ of terminal.input) throw new Error("the guest is gone");
  };
  const context = fakeContext({ lab: fakeLab({ console }), terminal: true, input: ["x"] });
  expect(await runCommandLine(["console"], context)).toBe(125);
  expect(context.rawModes).toEqual([true, false]);
});

test("Ctrl-C while the guest boots ends it", async () => {
  const lab = fakeLab({
    console: async (_request, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const context = fakeContext({ lab, terminal: true });
  const ended = runCommandLine(["console"], context);
  context.interrupt();
  expect(await ended).toBe(130);
});

test("asks the lab for the guest of the command line", async () => {
  const lab = fakeLab();
  await runCommandLine(["console", "--kernel", "6.1", "--device", "brd", "--memory", "512", "--cold"], fakeContext({ lab }));
  expect(lab.consoleRequests).toEqual([{ kernel: "6.1", device: "brd", memoryMb: 512, cold: true }]);
});
