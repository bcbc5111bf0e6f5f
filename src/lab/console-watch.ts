/**
 * Reads a guest's console for what the kernel says of its own trouble. Only lines with the kernel's
 * time stamp are believed: a person may type anything.
 */

/** How many lines are kept to be shown when the guest is lost. */
const lastLineCount = 40;
const lineMaxChars = 500;
/** A kernel in trouble can repeat itself for ever. */
const alarmMaxCount = 50;

export type AlarmKind = "panic" | "oops" | "bug" | "hung" | "warning";

export interface ConsoleAlarm {
  readonly kind: AlarmKind;
  /** The line without its time stamp. */
  readonly text: string;
}

/** The rest of a line behind its last time stamp: the kernel may begin in the middle of what a program prints. */
const stampedForm = /^.*\[ *\d+\.\d{6}\](?:\[ *[TC]\d+\])? (.*)$/;
const alarmForms: readonly (readonly [AlarmKind, RegExp])[] = [
  ["panic", /^Kernel panic - not syncing/],
  ["hung", /^(?:watchdog: )?BUG: (?:soft|workqueue) lockup|^INFO: task .* blocked for more than|^rcu: INFO: .* detected (?:expedited )?stalls?|detected stalls? on CPUs/],
  ["oops", /^Oops\b|general protection fault|^BUG: (?:unable to handle|kernel NULL pointer)|^Unable to handle kernel/],
  ["bug", /^kernel BUG at|^BUG: |^page dumped because|^UBSAN: /],
  ["warning", /^WARNING: /],
];
/** Terminal escape sequences, which shells and firmware send. */
// oxlint-disable-next-line no-control-regex
const escapeForm = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])/g;

export class ConsoleWatcher {
  private readonly decoder = new TextDecoder();
  private readonly kept: string[] = [];
  private readonly found: ConsoleAlarm[] = [];
  private readonly alarmListeners = new Set<(alarm: ConsoleAlarm) => void>();
  private partial = "";

  push(chunk: Uint8Array): void {
    const lines = (this.partial + this.decoder.decode(chunk, { stream: true })).split("\n");
    this.partial = (lines.pop() ?? "").slice(-lineMaxChars);
    for (const line of lines) this.takeLine(line);
  }

  /** The last lines that were printed, oldest first, without empty ones. */
  lastWords(): string[] {
    const rest = cleanLine(this.partial);
    return (rest === "" ? this.kept : [...this.kept, rest]).slice(-lastLineCount);
  }

  /** What the kernel complained of, oldest first; at most the first 50. */
  get alarms(): readonly ConsoleAlarm[] {
    return this.found;
  }

  /** Why the kernel panicked; null while it has not. */
  get panic(): string | null {
    return this.found.find((alarm) => alarm.kind === "panic")?.text ?? null;
  }

  onAlarm(listener: (alarm: ConsoleAlarm) => void): () => void {
    this.alarmListeners.add(listener);
    return () => this.alarmListeners.delete(listener);
  }

  private takeLine(raw: string): void {
    const line = cleanLine(raw);
    if (line === "") return;
    this.kept.push(line);
    if (this.kept.length > lastLineCount) this.kept.shift();
    const text = stampedForm.exec(line)?.[1];
    if (text === undefined) return;
    const kind = alarmForms.find(([, form]) => form.test(text))?.[0];
    if (kind === undefined || (this.found.length >= alarmMaxCount && (kind !== "panic" || this.panic !== null))) return;
    const alarm = { kind, text };
    this.found.push(alarm);
    for (const listener of [...this.alarmListeners]) listener(alarm);
  }
}

/** Control characters would do to a person's terminal what the guest wants. */
function cleanLine(raw: string): string {
  const shown = raw.replaceAll(escapeForm, "");
  return [...shown]
    .filter((character) => character === "\t" || (character >= " " && !(character >= "\u007f" && character <= "\u009f")))
    .slice(0, lineMaxChars)
    .join("")
    .trimEnd();
}
