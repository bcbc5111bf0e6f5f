import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actedUpon } from "../../test/hostile.ts";
import { displayWidth, fitEnd, fitMiddle, flow, formatDuration, padLeft, sanitize, takeColumns, wrap } from "./text.ts";

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.string({ unit: "grapheme", maxLength: 80 }));

describe("sanitize", () => {
  test("shows control characters instead of sending them", () => {
    expect(sanitize("\x1b[31mred\x07\x7f")).toBe("^[[31mred^G^?");
    expect(sanitize("a\u009b2J\u202eb\u2028c\ue000")).toBe("a<U+009B>2J<U+202E>b<U+2028>c<U+E000>");
    expect(sanitize("tab\tand\r\n")).toBe("tab and^M^J");
    expect(sanitize("half \ud800 pair")).toBe("half <U+D800> pair");
  });

  test("leaves letters of any language, and a few marks on each", () => {
    expect(sanitize("naïve Größe 漢字 🐧")).toBe("naïve Größe 漢字 🐧");
    expect(sanitize(`e${"\u0301".repeat(50)}!`)).toBe("e\u0301\u0301\u0301!");
  });

  test("leaves nothing a terminal acts upon, and nothing to do a second time", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = sanitize(text);
        expect(clean).not.toMatch(actedUpon);
        expect(sanitize(clean)).toBe(clean);
      }),
    );
  });
});

describe("widths", () => {
  test("are those of a terminal", () => {
    expect(displayWidth("abc")).toBe(3);
    expect(displayWidth("漢字")).toBe(4);
    expect(displayWidth("e\u0301")).toBe(1);
    expect(displayWidth("🐧")).toBe(2);
    expect(takeColumns("漢字", 3)).toBe("漢");
    expect(padLeft("漢", 4)).toBe("  漢");
  });

  test("are never exceeded by what is cut, wrapped or laid out", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 40 }), fc.constantFrom("…", "..."), (text, columns, ellipsis) => {
        const clean = sanitize(text);
        const lines = [
          fitEnd(clean, columns, ellipsis),
          fitMiddle(clean, columns, ellipsis),
          ...wrap(clean, columns, "  "),
          ...flow(clean.split(","), columns, "  "),
        ];
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test("cut a text only where it does not fit", () => {
    expect(fitEnd("pageout", 7, "…")).toBe("pageout");
    expect(fitEnd("pageout", 6, "…")).toBe("pageo…");
    expect(fitMiddle("__try_to_reclaim_swap", 11, "…")).toBe("__try…_swap");
  });
});

describe("wrap", () => {
  test("keeps every word", () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 12 }), { maxLength: 20 });
    fc.assert(
      fc.property(words, (list) => {
        expect(wrap(list.join(" "), 20, "  ").map((line) => line.trim()).join(" ")).toBe(list.join(" "));
      }),
    );
  });

  test("breaks a word that is longer than a line", () => {
    expect(wrap("see /sys/kernel/mm/x", 10, "  ")).toEqual(["see", "  /sys/ker", "  nel/mm/x"]);
  });
});

test("durations are said in the unit that tells", () => {
  expect([0, 42.4, 96, 264, 59_900, 125_000].map(formatDuration)).toEqual(["0 ms", "42 ms", "96 ms", "0.3 s", "59.9 s", "2 min 5 s"]);
});
