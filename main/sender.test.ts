import { expect, test } from "vitest";
import { isOwnFrame } from "./sender.ts";

test("only the window's own top document is answered", () => {
  expect(isOwnFrame({ url: "app://lab/index.html", parent: null })).toBe(true);
  expect(isOwnFrame({ url: "app://lab/index.html#history", parent: null })).toBe(true);
});

test.each([
  ["a frame that is gone", null],
  ["an embedded document of ours", { url: "app://lab/index.html", parent: {} }],
  ["a foreign page", { url: "https://lab/index.html", parent: null }],
  ["a host that begins like ours", { url: "app://lab.evil/index.html", parent: null }],
  ["a host that ends like ours", { url: "app://evil.lab/", parent: null }],
  ["another port", { url: "app://lab:8080/", parent: null }],
  ["a user name in front", { url: "app://lab@evil/", parent: null }],
  ["a user name and our host", { url: "app://evil@lab/", parent: null }],
  ["an empty document", { url: "about:blank", parent: null }],
  ["data", { url: "data:text/html,app://lab/", parent: null }],
  ["no address", { url: "", parent: null }],
])("%s is refused", (_, frame) => {
  expect(isOwnFrame(frame)).toBe(false);
});
