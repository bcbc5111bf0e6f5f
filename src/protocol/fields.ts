const countForm = /^(0|[1-9]\d*)$/;
const integerForm = /^(0|-?[1-9]\d*)$/;

/** A problem is for showing; the value in it may be as long as a payload. */
const problemMaxChars = 160;

/**
 * Takes values out of a message's fields. The first one that is missing or has the wrong form is
 * remembered; whoever takes several looks once, at the end, whether all were good.
 */
export class FieldReader {
  private readonly fields: ReadonlyMap<string, string>;
  private firstProblem: string | null = null;

  constructor(fields: ReadonlyMap<string, string>) {
    this.fields = fields;
  }

  /** The first thing that was wrong, null when nothing was. */
  get problem(): string | null {
    return this.firstProblem;
  }

  complain(problem: string): void {
    this.firstProblem ??= problem.slice(0, problemMaxChars);
  }

  text(key: string): string {
    const value = this.fields.get(key);
    if (value === undefined) this.complain(`${key} is missing`);
    return value ?? "";
  }

  /** A whole number from 0 on that a JavaScript number holds exactly. */
  count(key: string): number {
    return this.number(key, this.text(key), countForm);
  }

  /** A whole number from 0 on of any length, as its digits. */
  digits(key: string): string {
    const text = this.text(key);
    if (!countForm.test(text)) this.complain(`${key}=${text} is not a number`);
    return text;
  }

  /** A whole number of either sign. */
  integer(key: string): number {
    return this.number(key, this.text(key), integerForm);
  }

  flag(key: string): boolean {
    return this.oneOf(key, ["0", "1"]) === "1";
  }

  oneOf<const Value extends string>(key: string, values: readonly [Value, ...Value[]]): Value {
    const text = this.text(key);
    const found = values.find((value) => value === text);
    if (found === undefined) this.complain(`${key}=${text} is none of ${values.join(", ")}`);
    return found ?? values[0];
  }

  /** All fields but the named ones, as counts by name. */
  countsBut(...keys: readonly string[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [key, text] of this.fields) {
      if (!keys.includes(key)) counts.set(key, this.number(key, text, countForm));
    }
    return counts;
  }

  private number(key: string, text: string, form: RegExp): number {
    const value = Number(text);
    if (!form.test(text) || !Number.isSafeInteger(value)) this.complain(`${key}=${text} is not a number`);
    return value;
  }
}
