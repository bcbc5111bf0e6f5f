import { expect, test } from "vitest";
import { completionsAt } from "./complete.ts";

const head = '[parameters]\nsize = "16M"\n\n[parameters.own]\nrounds = "3"\n\n[[area]]\nname = "fast"\n\n[[op]]\nop = "map"\nregion = "a"\n\n[[op]]\nop = "fork"\nchild = "c"\n\n';

/** What is offered at the bar. */
function offered(marked: string): readonly string[] | null {
  const text = head + marked;
  const offset = text.indexOf("|");
  const found = completionsAt(text.replace("|", ""), offset);
  return found?.options ?? null;
}

test("ops, and the fields of the op in question that it does not have yet", () => {
  expect(offered('[[op]]\nop = "|"')).toEqual(expect.arrayContaining(['"map"', '"swapoff"', '"repeat"']));
  expect(offered('[[op]]\nop = "map"\nregion = "b"\n|')).toEqual(["in = ", "cpu = ", "size = ", "folio = ", "share = "]);
  expect(offered('[[op]]\n|\nop = "zswap"\n\n[[op]]\nop = "evict"\n')).toEqual(["in = ", "cpu = ", "enabled = "]);
  expect(offered('[[op]]\nop = "fill"\npieces = { count = 3, |')).toEqual(["count = ", "size = ", "seed = "]);
});

test("names that the file gave above, and none from below", () => {
  expect(offered('[[op]]\nop = "fill"\nregion = "|\n\n[[op]]\nop = "map"\nregion = "z"\n')).toEqual(['"a"']);
  expect(offered('[[op]]\nop = "read"\nin = |')).toEqual(['"main"', '"c"']);
  expect(offered('[[op]]\nop = "swapoff"\narea = "|')).toEqual(['"fast"']);
});

test("devices, folio sizes, parameters and what a field must be one of", () => {
  expect(offered('[[area]]\ndevice = "|')).toEqual(expect.arrayContaining(['"nvme"', '"zram"']));
  const folios = offered('[[op]]\nop = "map"\nfolio = |');
  expect(folios).toEqual(expect.arrayContaining(['"4kB"', '"64kB"', '"2048kB"', '"$folio"', '"$rounds"']));
  expect(folios).not.toContain('"8kB"');
  expect(offered('[[op]]\nop = "map"\nshare = |')).toEqual(['"private"', '"shared"']);
  expect(offered('[[op]]\nop = "storm"\nthreads = ["read", "|')).toContain('"pageout"');
});

test("headers; nothing in comments and in text", () => {
  expect(offered("[|")).toContain("[[op]]");
  expect(offered('[[op]]\nop = "repeat"\n[[|')).toContain("[[op.ops]]");
  expect(offered("# op|")).toBeNull();
  expect(offered('about = """\nop|')).toBeNull();
});
