import { expect, test } from "vitest";
import { isAllowedLink } from "./links.ts";

test.each(["https://lore.kernel.org/linux-mm/", "https://git.kernel.org/torvalds/c/82b1c07a0af6", "https://docs.kernel.org/mm/swap.html#x"])("%s may be opened", (address) => {
  expect(isAllowedLink(address)).toBe(true);
});

test.each([
  "http://lore.kernel.org/",
  "file:///etc/passwd",
  "smb://lore.kernel.org/share",
  "javascript:alert(1)",
  "data:text/html,x",
  "mailto:a@kernel.org",
  "app://lab/index.html",
  "https://lore.kernel.org.evil.example/",
  "https://evil.example/lore.kernel.org",
  "https://lore.kernel.org@evil.example/",
  "https://user:word@lore.kernel.org/",
  "https://lore.kernel.org:8443/",
  "https://lоre.kernel.org/",
  "https://lore.kernel.org/\u0000",
  "https://lore.kernel.org/a\nb",
  " https://lore.kernel.org/",
  "//lore.kernel.org/",
  "",
])("%j may not", (address) => {
  expect(isAllowedLink(address)).toBe(false);
});
