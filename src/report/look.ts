/** How a report looks: its width, its symbols and its colours. Colour never carries anything the text does not. */
export interface Look {
  /** No line is wider than this many columns. */
  readonly columns: number;
  readonly symbols: Symbols;
  readonly paint: Paint;
}

export interface Symbols {
  readonly equal: string;
  readonly differs: string;
  readonly bounded: string;
  readonly ellipsis: string;
  /** After a value that stands for several. Empty where the note beside it must do. */
  readonly more: string;
  readonly times: string;
  /** In the place of a prediction that there is not. */
  readonly nothing: string;
}

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  bounded(text: string): string;
  strong(text: string): string;
  quiet(text: string): string;
}

export const unicodeSymbols: Symbols = { equal: "=", differs: "≠", bounded: "~", ellipsis: "…", more: " …", times: "×", nothing: "–" };
/** For mail and for terminals whose locale has no such characters. */
export const asciiSymbols: Symbols = { equal: "=", differs: "!=", bounded: "~", ellipsis: "...", more: "", times: "x", nothing: "-" };

const same = (text: string): string => text;
export const noPaint: Paint = { good: same, bad: same, bounded: same, strong: same, quiet: same };

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`;

/** The sixteen colours every terminal has, as its owner chose them. */
export const ansiPaint: Paint = {
  good: sgr(32, 39),
  bad: sgr(31, 39),
  bounded: sgr(33, 39),
  strong: sgr(1, 22),
  quiet: sgr(2, 22),
};

/** 72 columns of ASCII symbols, as mailing lists want them. */
export const mailLook: Look = { columns: 72, symbols: asciiSymbols, paint: noPaint };
