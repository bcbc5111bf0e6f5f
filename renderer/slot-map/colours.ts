import { x86_64 } from "../../src/model/geometry.ts";
import { ageCode, codeMax, type Lens, orderCode, ownerCode, stateCode } from "./cells.ts";
import { differenceCode } from "./difference.ts";

/** `#rrggbb`. */
export type Colour = string;
export type Theme = "light" | "dark";

/**
 * State: no two are alike for anybody, and on light paper each has a grey of its own. The hues are those of a palette made for
 * colour-blind eyes; colours.test.ts measures all of this.
 */
const stateColours: Readonly<Record<Theme, Readonly<Record<number, Colour>>>> = {
  light: {
    [stateCode.free]: "#eceff2",
    [stateCode.counted]: "#2763a8",
    [stateCode.cached]: "#e3a72f",
    [stateCode.cachedAndCounted]: "#1e9070",
    [stateCode.zeroes]: "#b3d4f0",
    [stateCode.bad]: "#26292d",
  },
  dark: {
    [stateCode.free]: "#22272e",
    [stateCode.counted]: "#3a78c2",
    [stateCode.cached]: "#eeb440",
    [stateCode.cachedAndCounted]: "#2fa884",
    [stateCode.zeroes]: "#c6def5",
    [stateCode.bad]: "#000000",
  },
};

const differenceColours: Readonly<Record<Theme, Readonly<Record<number, Colour>>>> = {
  light: {
    [differenceCode.bothFree]: "#f1f3f5",
    [differenceCode.alike]: "#d5dae0",
    [differenceCode.modelOnly]: "#0a5fb4",
    [differenceCode.kernelOnly]: "#d4581c",
    [differenceCode.otherwise]: "#3d0a45",
  },
  dark: {
    [differenceCode.bothFree]: "#1c2127",
    [differenceCode.alike]: "#333b46",
    [differenceCode.modelOnly]: "#4f9ff0",
    [differenceCode.kernelOnly]: "#ff8340",
    [differenceCode.otherwise]: "#fff2b8",
  },
};

/** From quiet to loud in even steps of lightness, dark blue to yellow. */
const ramp: Readonly<Record<Theme, readonly Colour[]>> = {
  light: ["#9fd3c6", "#6fbfb5", "#4aa6a9", "#368b9c", "#2f708d", "#2f557b", "#2d3c66", "#25264c", "#171430", "#0b0818"],
  dark: ["#31457a", "#355d8d", "#38759a", "#3f8d9f", "#50a49d", "#6db995", "#93cb89", "#bedb80", "#e5e685", "#fdf5b0"],
};

const ownerColours: Readonly<Record<Theme, readonly Colour[]>> = {
  light: ["#2763a8", "#e3a72f", "#1e9070", "#b2487f", "#7ab6e6", "#c65a1d", "#4b4f57", "#8a6fc0"],
  dark: ["#4b8fe0", "#eeb440", "#2fa884", "#d877a8", "#a9d3f7", "#ec7d3b", "#c4c9d1", "#a48be0"],
};

const unknownColour: Readonly<Record<Theme, Colour>> = { light: "#b4bac2", dark: "#4b535f" };

/** Every order has a colour of its own, whichever of them are in a map. */
const orderCount = x86_64.pmdOrder + 1;

/** A colour for each code of a lens. Ages are spread over `codeCount` codes. */
export function lensColours(lens: Lens, theme: Theme, codeCount: number): Colour[] {
  const free = stateColours[theme][stateCode.free]!;
  const all = Array.from({ length: codeMax + 1 }, (): Colour => free);
  if (lens === "state") for (const [code, colour] of Object.entries(stateColours[theme])) all[Number(code)] = colour;
  if (lens === "owner") {
    all[ownerCode.nobody] = unknownColour[theme];
    for (let owner = 0; ownerCode.first + owner <= codeMax; owner++) all[ownerCode.first + owner] = ownerColours[theme][Math.min(owner, ownerColours[theme].length - 1)]!;
  }
  if (lens === "order") {
    all[orderCode.unknown] = unknownColour[theme];
    spread(all, orderCode.first, orderCount, theme);
  }
  if (lens === "age") spread(all, ageCode.first, codeCount - ageCode.first, theme);
  return all;
}

export function differencePalette(theme: Theme): Colour[] {
  return Array.from({ length: codeMax + 1 }, (_, code) => differenceColours[theme][code] ?? differenceColours[theme][differenceCode.bothFree]!);
}

function spread(all: Colour[], first: number, count: number, theme: Theme): void {
  const colours = ramp[theme];
  for (let index = 0; index < count && first + index <= codeMax; index++) {
    all[first + index] = colours[count <= 1 ? colours.length >> 1 : Math.round((index * (colours.length - 1)) / (count - 1))]!;
  }
}

/** What a filter hides is not taken away, only made as quiet as free. */
export function hideCodes(colours: readonly Colour[], hidden: ReadonlySet<number>, quiet: Colour): Colour[] {
  return colours.map((colour, code) => (hidden.has(code) ? quiet : colour));
}

/** Colours as a canvas's pixels, in this machine's byte order. */
export function pixelsOf(colours: readonly Colour[]): Uint32Array {
  const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  return Uint32Array.from(colours, (colour) => {
    const [red, green, blue] = channels(colour);
    return isLittleEndian ? ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0 : ((red << 24) | (green << 16) | (blue << 8) | 255) >>> 0;
  });
}

export function channels(colour: Colour): [red: number, green: number, blue: number] {
  const number = Number.parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}
