import { describe, expect, test } from "vitest";
import { ConsoleWatcher, type ConsoleAlarm } from "./console-watch.ts";

function watch(text: string): ConsoleWatcher {
  const watcher = new ConsoleWatcher();
  watcher.push(Buffer.from(text));
  return watcher;
}

describe("the kernel's complaints", () => {
  test.each<[ConsoleAlarm["kind"], string]>([
    ["panic", "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100"],
    ["oops", "Oops: 0000 [#1] PREEMPT SMP NOPTI"],
    ["oops", "BUG: kernel NULL pointer dereference, address: 0000000000000008"],
    ["oops", "BUG: unable to handle page fault for address: ffffc90000000000"],
    ["oops", "Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1]"],
    ["bug", "kernel BUG at mm/swapfile.c:1234!"],
    ["bug", "BUG: KASAN: use-after-free in swap_writepage+0x1/0x2"],
    ["bug", "BUG: Bad page state in process agent  pfn:12345"],
    ["hung", "INFO: task kswapd0:55 blocked for more than 120 seconds."],
    ["hung", "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [agent:1]"],
    ["hung", "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"],
    ["warning", "WARNING: CPU: 0 PID: 1 at mm/swapfile.c:99 f+0x1/0x2"],
  ])("%s: %s", (kind, text) => {
    expect(watch(`[    1.234567] ${text}\r\n`).alarms).toEqual([{ kind, text }]);
  });

  test.each(["[    1.234567] systemd: all well\r\n", "Kernel panic - not syncing: typed by a person\r\n", "[    1.234567] BUGs are fine: BUG\r\n"])("none in %j", (text) => {
    expect(watch(text).alarms).toEqual([]);
  });

  test("a stamp in the middle of what a program prints, and one with a task's number", () => {
    expect(watch("/ # ls[    1.000001] Kernel panic - not syncing: a\n").panic).toContain("syncing: a");
    expect(watch("[    1.000001][  T100] Kernel panic - not syncing: b\n").panic).toContain("syncing: b");
  });

  test("a line cut into chunks inside a character", () => {
    const watcher = new ConsoleWatcher();
    const seen: string[] = [];
    watcher.onAlarm((alarm) => seen.push(alarm.text));
    for (const byte of Buffer.from("[    1.000000] WARNING: \u00e9\r\n")) watcher.push(Buffer.from([byte]));
    expect(seen).toEqual(["WARNING: \u00e9"]);
  });

  test("a flood of warnings is not kept, but the panic after it is", () => {
    const watcher = watch("[    1.000000] WARNING: x\n".repeat(1000) + "[    1.000001] Kernel panic - not syncing: y\n");
    expect(watcher.alarms.length).toBe(51);
    expect(watcher.panic).toBe("Kernel panic - not syncing: y");
  });
});

describe("last words", () => {
  test("are the last forty lines, with what has no newline yet", () => {
    const words = watch(`${Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\r\n")}\r\n\r\n/ # `).lastWords();
    expect(words.length).toBe(40);
    expect(words.slice(-2)).toEqual(["line 99", "/ #"]);
  });

  test("cannot do anything to a terminal and are never long", () => {
    const words = watch(`\u001b[2J\u001b[1;31mred\u0007\u009b\r\n${"x".repeat(100_000)}\r\n`).lastWords();
    expect(words[0]).toBe("red");
    expect(words[1]?.length).toBe(500);
  });
});
