import * as v from "valibot";

const text = v.pipe(v.string(), v.maxLength(64 * 1024));

/**
 * An error as it crosses from the lab to a face. The first four kinds are the lab's own (see the exit codes of a run).
 * `stopped`: it was asked to stop. `refused`: the request does not fit the contract, or a limit is reached.
 * `disconnected`: the connection ended first. `bug`: a mistake of ours; `what` then says more than a person wants.
 */
const failureKinds = ["invalid", "lost", "usage", "host", "stopped", "refused", "disconnected", "bug"] as const;

export const failureSchema = v.object({
  kind: v.picklist(failureKinds),
  /** What happened, as a sentence without its full stop. */
  what: text,
  /** A file, a command, a field of the request. May be empty. */
  where: text,
  /** What to do next, as a full sentence. May be empty. */
  next: text,
});

export type Failure = v.InferOutput<typeof failureSchema>;

/** What a face's call rejects with. */
export class ApiError extends Error implements Failure {
  readonly kind: Failure["kind"];
  readonly what: string;
  readonly where: string;
  readonly next: string;

  constructor(kind: Failure["kind"], problem: { readonly what: string; readonly where?: string; readonly next?: string }) {
    const { what, where = "", next = "" } = problem;
    super(`${where === "" ? "" : `${where}: `}${what}.${next === "" ? "" : ` ${next}`}`);
    this.name = "ApiError";
    this.kind = kind;
    this.what = what;
    this.where = where;
    this.next = next;
  }
}

/** Any thrown thing as a failure. The lab's errors have the four parts already. */
export function failureOf(thrown: unknown): Failure {
  const known = v.safeParse(failureSchema, thrown);
  if (known.success) return known.output;
  const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return { kind: "bug", what: what.slice(0, 4096), where: "", next: "" };
}

/** The first thing that does not fit a schema, with its field: `request.memoryMb: must be a number, not "much"`. */
export function misfit(whole: string, issue: v.BaseIssue<unknown>): { where: string; what: string } {
  const where = [whole, ...(issue.path ?? []).map(({ key }) => String(key))].join(".");
  if (issue.expected === "never") return { where, what: "is not a field of this" };
  if (issue.received === "undefined") return { where, what: "is missing" };
  const bound = issue.type.startsWith("max_") || issue.type.startsWith("min_");
  return { where, what: bound ? issue.message : `must be ${issue.expected ?? "something else"}, not ${issue.received.slice(0, 100)}` };
}
