import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "./ask.ts";
import { type LaunchedApp, launchApp } from "./launch.ts";

const childrenOf = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

let launched: LaunchedApp;
beforeAll(async () => (launched = await launchApp()));
afterAll(async () => launched.app.close());

test("the window shows the page, which has nothing but a bridge", async () => {
  const { page } = launched;
  expect(await page.title()).toBe("Swaplab");
  expect(await page.evaluate("Object.keys(swaplab)")).toEqual(["connect", "send", "disconnect", "onCommand"]);
});

test("the page asks the lab", async () => {
  const { page } = launched;
  expect(await page.evaluate(ask("experiments.list", {}))).toMatchObject({ type: "reply", id: 1, reply: { experiments: expect.arrayContaining([expect.objectContaining({ name: "brim" })]) } });
});

test("what is no message ends the connection, and the page can begin another", async () => {
  const { page } = launched;
  const answer = await page.evaluate(`new Promise((resolve) => {
    swaplab.connect(() => undefined, (why) => resolve(why));
    swaplab.send({ type: "nonsense" });
  })`);
  expect(answer).toMatch(/message/);
  expect(await page.evaluate(ask("about", {}))).toMatchObject({ type: "reply" });
});

test("a page that is loaded anew has a connection anew", async () => {
  const { page } = launched;
  await page.reload();
  expect(await page.evaluate(ask("about", {}))).toMatchObject({ type: "reply" });
});

test("a lab that was lost is told of, and comes again when it is asked", async () => {
  const { app, page } = launched;
  const lost = page.evaluate(`new Promise((resolve) => {
    swaplab.connect((message) => document.title = message.type, (why) => resolve(why));
    swaplab.send({ type: "call", id: 1, name: "about", request: {} });
  })`);
  await page.waitForFunction(`document.title === "reply"`);
  const [child] = childrenOf(app.process().pid ?? 0).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("lab.cjs"));
  process.kill(child ?? 0, "SIGKILL");
  expect(await lost).toMatch(/the lab's process ended/);
  expect(await page.evaluate(ask("about", {}))).toMatchObject({ type: "reply" });
});
