import { expect, test } from "vitest";
import { Folio } from "../folio.ts";
import { pagesOf, SharedObject, type SwapPlace } from "./shared-object.ts";

/** An object of which a folio of `order` pages from page 512 on is in swap, at entry 4096. */
function swapped(order: number): { object: SharedObject; place: SwapPlace } {
  const object = new SharedObject("a", 1536);
  const folio = new Folio(1, order, "a", 512);
  folio.entry = 4096;
  object.putEntry(folio);
  return { object, place: object.place(512) as SwapPlace };
}

/** `first+pages` of every entry, and where each begins in swap. */
function entries(object: SharedObject): string[] {
  const found: string[] = [];
  for (let page = 0; page < object.pageCount; ) {
    const place = object.place(page);
    const { first, end } = pagesOf(place, page);
    if (place.at === "swap") found.push(`${first}+${end - first} at ${place.entry}`);
    page = end;
  }
  return found;
}

test("one entry stands for all pages of a folio, and each has its slot in it", () => {
  const { object } = swapped(9);
  expect(entries(object)).toEqual(["512+512 at 4096"]);
  expect([object.entryOf(511), object.entryOf(512), object.entryOf(530), object.entryOf(1024)]).toEqual([null, 4096, 4114, null]);
});

test("an entry split into pages", () => {
  const { object, place } = swapped(2);
  object.splitEntry(place);
  expect(entries(object)).toEqual(["512+1 at 4096", "513+1 at 4097", "514+1 at 4098", "515+1 at 4099"]);
});

test.each([
  [4, 517, 16],
  [5, 512, 32],
  [6, 560, 1 + 32],
  [7, 600, 1 + 1 + 32],
  [8, 700, 3 + 1 + 32],
  [9, 700, 7 + 1 + 32],
])("an entry of order %i split around page %i leaves %i", (order, page, count) => {
  const { object, place } = swapped(order);
  object.splitEntryAround(page, place);
  const left = entries(object);
  expect(left).toHaveLength(count);
  expect(left).toContain(`${page}+1 at ${4096 + page - 512}`);
  for (let p = 512; p < 512 + (1 << order); p++) expect(object.entryOf(p)).toBe(4096 + p - 512);
});

test("what reaches beyond the object's end is not kept", () => {
  const object = new SharedObject("a", 600);
  const folio = new Folio(1, 9, "a", 512);
  object.putFolio(folio);
  expect([object.pageCount, object.place(599)]).toEqual([600, { at: "memory", folio }]);
});
