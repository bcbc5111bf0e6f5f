/** Two samples of measurements side by side: their means, their spread, and whether the difference is more than chance. */

export interface Sample {
  readonly count: number;
  readonly mean: number;
  /** Standard deviation, estimated from the sample (divided by count - 1); 0 for a single value. */
  readonly sd: number;
}

export function sampleOf(values: readonly number[]): Sample {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, sd: count < 2 ? 0 : Math.sqrt(squares / (count - 1)) };
}

/** What a mark and an interval are worth: one false mark in twenty where nothing differs. */
const level = 0.05;

/** Welch's t test of two independent samples, two-sided. It does not take the two spreads to be equal. */
export interface MeanDifference {
  /** Mean of the second sample minus that of the first. */
  readonly difference: number;
  readonly degreesOfFreedom: number;
  /** The chance of a difference as large as this if there were none. */
  readonly p: number;
  /** The 95 % confidence interval of the difference. */
  readonly low: number;
  readonly high: number;
  readonly isSignificant: boolean;
}

/**
 * Null where the samples cannot tell: fewer than two values on a side. Where neither has any spread, as when a clock counts
 * instructions, every difference is one.
 */
export function meanDifference(a: Sample, b: Sample): MeanDifference | null {
  if (a.count < 2 || b.count < 2) return null;
  const [ofA, ofB] = [a.sd ** 2 / a.count, b.sd ** 2 / b.count];
  const error = Math.sqrt(ofA + ofB);
  if (error === 0) {
    const difference = b.mean - a.mean;
    return { difference, degreesOfFreedom: a.count + b.count - 2, p: difference === 0 ? 1 : 0, low: difference, high: difference, isSignificant: difference !== 0 };
  }
  // Welch and Satterthwaite: the degrees of freedom of a sum of two estimated variances.
  const degreesOfFreedom = (ofA + ofB) ** 2 / (ofA ** 2 / (a.count - 1) + ofB ** 2 / (b.count - 1));
  const difference = b.mean - a.mean;
  const p = studentTail(difference / error, degreesOfFreedom);
  const margin = studentQuantile(level, degreesOfFreedom) * error;
  return { difference, degreesOfFreedom, p, low: difference - margin, high: difference + margin, isSignificant: p < level };
}

/**
 * The chance that Student's t of so many degrees of freedom, at least 1, is farther from 0 than `t` on either side. With
 * t = sqrt(df) tan x its density becomes cos(x)^(df - 1) between -pi/2 and pi/2, up to a factor that cancels out.
 */
export function studentTail(t: number, degreesOfFreedom: number): number {
  return tailArea(Math.atan(Math.abs(t) / Math.sqrt(degreesOfFreedom)), degreesOfFreedom) / tailArea(0, degreesOfFreedom);
}

/** The t that is passed, on either side, with the chance `p`. */
function studentQuantile(p: number, degreesOfFreedom: number): number {
  const wanted = p * tailArea(0, degreesOfFreedom);
  let [low, high] = [0, Math.PI / 2];
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (tailArea(middle, degreesOfFreedom) > wanted) low = middle;
    else high = middle;
  }
  return Math.sqrt(degreesOfFreedom) * Math.tan(low);
}

/** Even. Enough for three digits between one degree of freedom and two, where the density has a corner, and for more beyond. */
const intervalCount = 400;

/** The integral of cos(x)^(df - 1) from `from` to pi/2, by Simpson's rule. */
function tailArea(from: number, degreesOfFreedom: number): number {
  const width = (Math.PI / 2 - from) / intervalCount;
  let sum = 0;
  for (let place = 0; place <= intervalCount; place++) {
    const weight = place === 0 || place === intervalCount ? 1 : place % 2 === 1 ? 4 : 2;
    // From the far end on, where the cosine of a place is the sine of its distance and never falls below 0.
    sum += weight * Math.sin(place * width) ** (degreesOfFreedom - 1);
  }
  return (sum * width) / 3;
}
