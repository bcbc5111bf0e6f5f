import { expect, test, vi } from "vitest";
import { type Command, CommandRegistry } from "./commands.ts";

const command = (id: string, more: Partial<Command> = {}): Command => ({ id, name: id, group: "Run", keys: [], run: () => {}, ...more });

test("a key finds its command", () => {
  const registry = new CommandRegistry();
  registry.add(command("run", { keys: ["R", "Mod+Enter"] }), command("stop"));
  expect(registry.ofKey("Mod+Enter")?.id).toBe("run");
  expect(registry.ofKey("X")).toBeUndefined();
});

test("an id or a key that is taken is refused", () => {
  const registry = new CommandRegistry();
  registry.add(command("run", { keys: ["R"] }));
  expect(() => registry.add(command("run"))).toThrow("run is there twice");
  expect(() => registry.add(command("race", { keys: ["R"] }))).toThrow("R is both run and race");
});

test("what cannot be done now is not done", () => {
  const registry = new CommandRegistry();
  const run = vi.fn<() => void>();
  let can = false;
  registry.add(command("stop", { run, isEnabled: () => can }));
  registry.run("stop");
  expect(run).not.toHaveBeenCalled();
  can = true;
  registry.run("stop");
  expect(run).toHaveBeenCalledOnce();
});
