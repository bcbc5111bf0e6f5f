/** One comparison between what was predicted and what was seen. */
export interface Check {
  /** `calls.__try_to_reclaim_swap`, `placement.main.a`, `swap0.used_kb`, … */
  readonly name: string;
  readonly kind: "exact" | "bounded" | "invariant";
  /** The prediction; of an invariant, the value it requires. */
  readonly model: number | string;
  readonly real: number | string;
  readonly ok: boolean;
  /** Ends of the interval of a bounded check, both included. */
  readonly low?: number;
  readonly high?: number;
  /** Why the check is not exact. */
  readonly reason?: string;
}

export const exact = (name: string, model: number | string, real: number | string): Check => ({
  name,
  kind: "exact",
  model,
  real,
  ok: model === real,
});

export const bounded = (name: string, model: number, real: number, bounds: { low: number; high: number; reason: string }): Check => ({
  name,
  kind: "bounded",
  model,
  real,
  ok: real >= bounds.low && real <= bounds.high,
  ...bounds,
});

export const invariant = (name: string, required: number | string, real: number | string, reason: string): Check => ({
  name,
  kind: "invariant",
  model: required,
  real,
  ok: required === real,
  reason,
});
