import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { answerPageRequest, contentSecurityPolicy } from "./page-files.ts";

const folder = mkdtempSync(join(tmpdir(), "swaplab-page-"));
const page = join(folder, "page");
mkdirSync(join(page, "assets"), { recursive: true });
writeFileSync(join(page, "index.html"), "<!doctype html>");
writeFileSync(join(page, "assets/a b.js"), "1");
writeFileSync(join(page, "notes.txt"), "no type of ours");
writeFileSync(join(folder, "secret.html"), "secret");
symlinkSync(join(folder, "secret.html"), join(page, "out.html"));
symlinkSync(folder, join(page, "up"));
afterAll(() => rmSync(folder, { recursive: true }));

const get = async (url: string, method = "GET"): Promise<Response> => answerPageRequest(page, { url, method });

test("a file of the page is served with its type and the policy", async () => {
  const answer = await get("app://lab/index.html");
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("<!doctype html>");
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(answer.headers.get("content-security-policy")).toBe(contentSecurityPolicy);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect((await get("app://lab/assets/a%20b.js")).status).toBe(200);
  expect((await get("app://lab/index.html?x#y")).status).toBe(200);
});

test.each([
  ["up and out", "app://lab/../secret.html"],
  ["up in disguise", "app://lab/%2e%2e/secret.html"],
  ["up with an encoded slash", "app://lab/..%2fsecret.html"],
  ["up with a backslash", "app://lab/..%5csecret.html"],
  ["up twice encoded", "app://lab/%252e%252e/secret.html"],
  ["an absolute path", `app://lab/${join(folder, "secret.html")}`],
  ["a link out", "app://lab/out.html"],
  ["a folder that is a link out", "app://lab/up/secret.html"],
  ["another host", "app://lab.evil/index.html"],
  ["another scheme", "file:///index.html"],
  ["a NUL", "app://lab/index.html%00.html"],
  ["a broken escape", "app://lab/%zz.html"],
  ["a folder", "app://lab/assets"],
  ["a type that the page does not use", "app://lab/notes.txt"],
  ["no address", "::"],
])("%s is not found", async (_, url) => {
  const answer = await get(url);
  expect(answer.status).toBe(404);
  expect(await answer.text()).not.toContain("secret");
});

test("only GET is answered", async () => {
  expect((await get("app://lab/index.html", "POST")).status).toBe(404);
});
