import type { Ordering, Switches } from "./switches.ts";

/** A scenario that holds, with one ordering taken away. */
export interface Mutant {
  readonly scenario: string;
  readonly switches: Partial<Switches>;
  readonly without: Ordering;
  /** Whether a property must fail. */
  readonly breaks: boolean;
  /** Why it does, or why it does not although the ordering is there for a reason. */
  readonly why: string;
}

const fixed = { fix: true } as const;
const shmem = { fix: true, rcu: true, caller: "shmem" } as const;
/** Not fixed, and safe all the same, because the grace period waits for page-table locks. */
const byRcu = { rcu: true } as const;
/** Not fixed, and safe because try_to_unuse goes through every page table. */
const byVisits = { earlyExit: false } as const;

export const mutants: readonly Mutant[] = [
  { scenario: "swapoff", switches: fixed, without: "put-after-use", breaks: true, why: "what comes after the put is as unprotected as without the fix" },
  { scenario: "swapoff", switches: shmem, without: "put-after-use", breaks: true, why: "shared memory holds no lock that a grace period would wait for" },
  { scenario: "swapoff", switches: fixed, without: "wait-for-users", breaks: true, why: "a reference that nobody waits for keeps nothing" },
  { scenario: "swapoff", switches: shmem, without: "wait-for-users", breaks: true, why: "the grace period does not wait for a truncation" },
  {
    scenario: "swapoff",
    switches: { fix: true, rcu: true },
    without: "wait-for-users",
    breaks: false,
    why: "the grace period waits for the page-table lock, which is held longer than the reference",
  },
  { scenario: "swapoff", switches: fixed, without: "unused-before-free", breaks: true, why: "entries still refer to slots, and their data would be lost" },
  { scenario: "swapoff", switches: byRcu, without: "unused-before-free", breaks: true, why: "the same; a grace period does not empty the device" },
  { scenario: "swapoff", switches: byRcu, without: "grace-period", breaks: true, why: "it is all that keeps the device for a caller under the page-table lock" },
  { scenario: "swapoff", switches: { fix: true, rcu: true }, without: "grace-period", breaks: false, why: "the reference is waited for" },
  { scenario: "swapoff", switches: byRcu, without: "page-table-lock", breaks: true, why: "who holds no spinlock is no reader: this is the case of shared memory" },
  { scenario: "swapoff", switches: byVisits, without: "page-table-lock", breaks: true, why: "try_to_unuse gives the page back while the process frees its slot" },
  { scenario: "swapoff", switches: byVisits, without: "visit-takes-lock", breaks: true, why: "the same from the other side: both drop one count" },
  {
    scenario: "swapoff",
    switches: { fix: true, shortcut: false },
    without: "counts-before-reclaim",
    breaks: true,
    why: "the first process gives the folio back while the second still refers to its slot",
  },
  {
    scenario: "swapoff",
    switches: fixed,
    without: "counts-before-reclaim",
    breaks: false,
    why: "the short-cut has looked just before, and nobody here takes a new reference to a slot in between",
  },
  {
    scenario: "swapoff",
    switches: fixed,
    without: "reference-before-drop",
    breaks: false,
    why:
      "the count keeps the device until it is dropped, and a reference asked for later is given in time or refused, as long as no other device gets the number",
  },
  {
    scenario: "swapoff",
    switches: { fix: true, swapon: true },
    without: "reference-before-drop",
    breaks: true,
    why: "the reference that is given is one of the device that has got the number meanwhile",
  },
  {
    scenario: "swapoff",
    switches: fixed,
    without: "kill-before-wait",
    breaks: false,
    why: "who asks for a reference here still holds a count, and so swapoff is not that far yet. Callers without one need it: swap-in",
  },
  { scenario: "swap-in", switches: fixed, without: "kill-before-wait", breaks: true, why: "the fault gets a reference after swapoff has waited for the last one" },
  { scenario: "swap-in", switches: fixed, without: "wait-for-users", breaks: true, why: "nothing but the reference keeps the device for the fault" },
  { scenario: "swap-in", switches: { fix: true, rcu: true }, without: "wait-for-users", breaks: true, why: "a fault that reads the device may sleep: it is no RCU reader" },
  { scenario: "swap-in", switches: { fix: true, rcu: true }, without: "grace-period", breaks: false, why: "the reference is waited for" },
  { scenario: "swap-in", switches: fixed, without: "unused-before-free", breaks: true, why: "the entry still refers to its slot" },
  { scenario: "shared-slot", switches: fixed, without: "cluster-lock", breaks: true, why: "one of two drops is lost, the slot stays counted, and swapoff waits for ever" },
  { scenario: "folio-free-swap", switches: {}, without: "folio-lock", breaks: true, why: "somebody else gives the folio's slots back between the look and the use" },
  { scenario: "folio-free-swap", switches: byRcu, without: "folio-lock", breaks: true, why: "the folio's lock may be slept on: its holder is no RCU reader" },
  { scenario: "swp-swapcount", switches: {}, without: "page-table-lock", breaks: true, why: "the entry may be freed as soon as it was read" },
  { scenario: "swp-swapcount", switches: fixed, without: "page-table-lock", breaks: false, why: "7.2 takes a reference of the device there" },
  { scenario: "page-out", switches: {}, without: "writeok-cleared", breaks: true, why: "a slot is handed out after try_to_unuse has seen none in use" },
];
