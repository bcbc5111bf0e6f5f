import { expect, test } from "vitest";
import { StateTable } from "./state-table.ts";

test("numbers states as they come, finds them again, and keeps them while it grows", () => {
  const table = new StateTable(9);
  const state = new Uint32Array(3);
  const fill = (number: number): void => state.set([number % 7, number * 2_654_435_761, number]);
  for (let number = 0; number < 20_000; number++) {
    fill(number);
    const outcome = [table.indexOf(state), table.add(state), table.add(state), table.indexOf(state)];
    if (outcome.join() !== [-1, number, number, number].join()) throw new Error(`state ${number}: ${outcome.join()}`);
  }
  expect(table.count).toBe(20_000);
  const read = new Uint32Array(3);
  for (const number of [0, 1, 12_345, 19_999]) {
    fill(number);
    expect(table.indexOf(state)).toBe(number);
    table.read(number, read);
    expect([...read]).toEqual([...state]);
  }
});

test("states that differ in one bit are two", () => {
  const table = new StateTable(8);
  for (let bit = 0; bit < 64; bit++) {
    const state = new Uint32Array(2);
    state[bit >> 5] = 1 << (bit & 31);
    expect(table.add(state)).toBe(bit);
  }
});
