import { describe, expect, test } from "vitest";
import { x86_64 } from "../../src/model/geometry.ts";
import { parseWorkload } from "../../src/workload/parse.ts";
import { freshExperiment, freeName, nameIn, withName } from "./experiment-text.ts";

test("a name is read and written where the file says it", () => {
  const text = '# one\nname = "brim"\ntitle = "x"\n[[area]]\nname = "swap0"\n';
  expect(nameIn(text)).toBe("brim");
  expect(withName(text, "mine")).toBe('# one\nname = "mine"\ntitle = "x"\n[[area]]\nname = "swap0"\n');
  expect(nameIn('[[area]]\nname = "swap0"\n')).toBe("");
  expect(withName('title = "x"\n', "mine")).toBe('name = "mine"\ntitle = "x"\n');
});

describe("a name that nothing has", () => {
  test.each([
    ["brim", ["brim"], "brim-copy"],
    ["brim", ["brim", "brim-copy"], "brim-copy-2"],
    ["brim-copy-2", ["brim-copy-2", "brim-copy", "brim-copy-2-copy"], "brim-copy-2-copy-2"],
  ])("for a copy of %s beside %j is %s", (name, taken, free) => expect(freeName(`${name}-copy`, taken)).toBe(free));
});

test("a new experiment is one that runs", () => {
  const { workload } = parseWorkload(withName(freshExperiment, "new"), { own: {} }, { file: "new", ...x86_64 });
  expect(workload.ops.map(({ op }) => op)).toEqual(["map", "fill", "pageout", "read"]);
});
