import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "./ask.ts";
import { type LaunchedApp, launchApp } from "./launch.ts";

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
