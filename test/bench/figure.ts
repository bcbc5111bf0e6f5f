/** One quantity that was measured, with every sample of it. */
export interface Figure {
  readonly section: string;
  /** What it was measured on: a kernel series or a generation of the model. */
  readonly subject: string;
  readonly name: string;
  readonly unit: string;
  /** What we want it to be at most; absent where nothing is said. A figure that misses it is no failure. */
  readonly aim?: number;
  readonly samples: readonly number[];
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const [below, above] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (min === undefined || max === undefined || below === undefined || above === undefined) throw new Error("a figure without samples");
  return { median: (below + above) / 2, min, max };
}

/** Sample by sample: what is divided was measured in the same repetition, so that a busy host slows both. */
export function ratios(dividends: readonly number[], divisors: readonly number[]): number[] {
  if (dividends.length !== divisors.length) throw new Error("a ratio of figures that were not measured together");
  return dividends.map((dividend, index) => dividend / divisors[index]!);
}
