/** How a failure is to be judged: by the kernel or host it ran on, by the guest's silence, or by what was asked. */
export type LabErrorKind = "invalid" | "lost" | "usage" | "host";

/**
 * A failure that a person can act on.
 *
 * `invalid`: this kernel or experiment cannot be judged here (exit 125). `lost`: the guest died or went
 * silent (exit 3). `usage`: what was asked makes no sense (exit 125). `host`: this machine lacks something
 * (exit 125, so that a bisection skips it).
 */
export class LabError extends Error {
  readonly kind: LabErrorKind;
  /** What happened, as a sentence without its full stop. */
  readonly what: string;
  /** Where: a file, a command, a stage of the run. May be empty. */
  readonly where: string;
  /** What to do next, as a full sentence. May be empty. */
  readonly next: string;

  constructor(kind: LabErrorKind, problem: { what: string; where?: string; next?: string }, options?: ErrorOptions) {
    const where = problem.where ?? "";
    const next = problem.next ?? "";
    super(`${where === "" ? "" : `${where}: `}${problem.what}.${next === "" ? "" : ` ${next}`}`, options);
    this.name = "LabError";
    this.kind = kind;
    this.what = problem.what;
    this.where = where;
    this.next = next;
  }
}
