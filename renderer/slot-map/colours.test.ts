import { expect, test } from "vitest";
import { type Lens, stateCode } from "./cells.ts";
import { channels, type Colour, differencePalette, hideCodes, lensColours, pixelsOf, type Theme } from "./colours.ts";
import { differenceCode } from "./difference.ts";

type Triple = readonly [number, number, number];

const linear = (channel: number): number => (channel <= 10.31475 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4);

const times = (matrix: readonly Triple[], [x, y, z]: Triple): Triple => matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;

/** CIE Lab of linear sRGB, D65. */
function lab(rgb: Triple): Triple {
  const xyz = times([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], rgb);
  const [x, y, z] = ([xyz[0] / 0.9505, xyz[1], xyz[2] / 1.089] as const).map((t) => (t > 0.008856 ? Math.cbrt(Math.max(t, 0)) : 7.787 * t + 16 / 116)) as unknown as Triple;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How eyes without one kind of cone see linear sRGB, after Machado, Oliveira and Fernandes, severity 1. */
const eyes: Readonly<Record<string, readonly Triple[]>> = {
  ordinary: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

const seen = (colour: Colour, eye: string): Triple => lab(times(eyes[eye]!, channels(colour).map(linear) as unknown as Triple));
const apart = (a: Colour, b: Colour, eye: string): number => Math.hypot(...seen(a, eye).map((value, index) => value - seen(b, eye)[index]!));
const pairs = <T>(items: readonly T[]): [T, T][] => items.flatMap((a, index) => items.slice(index + 1).map((b): [T, T] => [a, b]));

const states = (theme: Theme): Colour[] => Object.values(stateCode).map((code) => lensColours("state", theme, 0)[code]!);
const differences = (theme: Theme): Colour[] => Object.values(differenceCode).map((code) => differencePalette(theme)[code]!);
const tooNear = (colours: readonly Colour[], eye: string, least: number): unknown[] =>
  pairs(colours).map(([a, b]) => ({ a, b, apart: apart(a, b, eye) })).filter((pair) => !(pair.apart > least));
const themes: readonly Theme[] = ["light", "dark"];

test.each(themes.flatMap((theme) => Object.keys(eyes).map((eye) => [theme, eye] as const)))("%s, %s eyes: every state and difference is told from every other", (theme, eye) => {
  // 2.3 can just be told beside each other; maps have small cells.
  expect(tooNear(states(theme), eye, 14)).toEqual([]);
  expect(tooNear(differences(theme), eye, 8)).toEqual([]);
});

test("printed in grey each state has a grey of its own", () => {
  for (const [a, b] of pairs(states("light"))) expect(Math.abs(seen(a, "ordinary")[0] - seen(b, "ordinary")[0]), `${a} ${b}`).toBeGreaterThan(8);
});

test.each(themes)("%s: a difference is loud, what is alike is quiet", (theme) => {
  const palette = differencePalette(theme);
  const quiet = palette[differenceCode.bothFree]!;
  expect(apart(quiet, palette[differenceCode.alike]!, "ordinary")).toBeLessThan(16);
  for (const code of [differenceCode.modelOnly, differenceCode.kernelOnly, differenceCode.otherwise]) {
    for (const eye of Object.keys(eyes)) expect(apart(quiet, palette[code]!, eye)).toBeGreaterThan(40);
  }
});

test.each((["order", "age"] as Lens[]).flatMap((lens) => themes.map((theme) => [lens, theme] as const)))("%s, %s: lightness goes one way", (lens, theme) => {
  const lightness = lensColours(lens, theme, 12).slice(2, 12).map((colour) => seen(colour, "ordinary")[0]);
  const steps = lightness.slice(1).map((value, index) => (value - lightness[index]!) * (theme === "dark" ? 1 : -1));
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
});

test("pixels are red, green, blue, opaque in memory", () => {
  expect([...new Uint8Array(pixelsOf(["#102030"]).buffer)]).toEqual([0x10, 0x20, 0x30, 255]);
});

test("what is hidden is made quiet", () => {
  expect(hideCodes(["#111111", "#222222"], new Set([1]), "#eeeeee")).toEqual(["#111111", "#eeeeee"]);
});
