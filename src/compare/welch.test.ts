import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanDifference, sampleOf, studentTail } from "./welch.ts";

describe("Student's t, against the values of printed tables", () => {
  test.each([
    [12.706, 1, 0.05],
    [4.3027, 2, 0.05],
    [2.2622, 9, 0.05],
    [3.2498, 9, 0.01],
    [4.7809, 9, 0.001],
    [1.9623, 1000, 0.05],
    [1, 1, 0.5],
    [0, 5, 1],
  ])("t = %f at %d degrees of freedom: p = %f", (t, degreesOfFreedom, p) => {
    expect(studentTail(t, degreesOfFreedom) / p).toBeCloseTo(1, 3);
    expect(studentTail(-t, degreesOfFreedom)).toBe(studentTail(t, degreesOfFreedom));
  });

  test("degrees of freedom between whole numbers lie between their neighbours", () => {
    const [less, between, more] = [4, 4.5, 5].map((degreesOfFreedom) => studentTail(2.5, degreesOfFreedom));
    expect(less! > between! && between! > more!).toBe(true);
  });
});

test("mean and standard deviation of a sample", () => {
  expect(sampleOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ count: 8, mean: 5, sd: Math.sqrt(32 / 7) });
  expect(sampleOf([3])).toEqual({ count: 1, mean: 3, sd: 0 });
});

describe("Welch's test", () => {
  test("samples of unequal spread, worked out by hand", () => {
    // Means 10 and 16, variances 1 and 16, three values each: t = 6 / sqrt(17/3), df = (17/3)^2 / ((1/9 + 256/9) / 2).
    const found = meanDifference(sampleOf([9, 10, 11]), sampleOf([12, 16, 20]))!;
    expect(found.difference).toBe(6);
    expect(found.degreesOfFreedom).toBeCloseTo(2.2490, 3);
    expect(found.p).toBeCloseTo(studentTail(6 / Math.sqrt(17 / 3), 289 / 128.5), 6);
    expect(found.isSignificant).toBe(false);
  });

  test("a difference far beyond the spread is marked, one within it is not", () => {
    const before = sampleOf([100, 101, 99, 100, 102]);
    expect(meanDifference(before, sampleOf([150, 151, 149, 152, 150]))).toMatchObject({ isSignificant: true });
    expect(meanDifference(before, sampleOf([101, 99, 100, 103, 100]))).toMatchObject({ isSignificant: false });
  });

  test("nothing is said of too little", () => {
    expect(meanDifference(sampleOf([1]), sampleOf([2, 3]))).toBeNull();
  });

  test("without any spread equal is equal and all else differs", () => {
    expect(meanDifference(sampleOf([2, 2]), sampleOf([2, 2, 2]))).toEqual({ difference: 0, degreesOfFreedom: 3, p: 1, low: 0, high: 0, isSignificant: false });
    expect(meanDifference(sampleOf([2, 2]), sampleOf([3, 3]))).toMatchObject({ difference: 1, p: 0, low: 1, high: 1, isSignificant: true });
  });

  const values = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 12 });
  test("the mark is there exactly when the interval leaves out zero, and the sides can be exchanged", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [there, back] = [meanDifference(sampleOf(a), sampleOf(b)), meanDifference(sampleOf(b), sampleOf(a))];
        if (there === null || back === null) return there === back;
        const leavesOutZero = there.low > 0 || there.high < 0;
        return there.isSignificant === leavesOutZero && Math.abs(there.p - back.p) < 1e-9 && Math.abs(there.difference + back.difference) < 1e-6;
      }),
    );
  });

  test("of samples of one and the same source about one in twenty is marked", () => {
    let state = 12345;
    const uniform = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const draw = (): number[] => Array.from({ length: 8 }, () => uniform() + uniform() + uniform() + uniform());
    const rounds = 400;
    let marks = 0;
    for (let round = 0; round < rounds; round++) if (meanDifference(sampleOf(draw()), sampleOf(draw()))?.isSignificant) marks++;
    expect(marks / rounds).toBeGreaterThan(0.02);
    expect(marks / rounds).toBeLessThan(0.08);
  });
});
