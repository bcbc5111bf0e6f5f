import type { Look } from "./look.ts";
import type { ProgramResult, Result } from "./result.ts";
import { fitEnd, plural, sanitize, wrap } from "./text.ts";

const shownLines = 10;

/** A person's own program: how it ended, and the last of what it printed. Nothing for other runs. */
export function programLines(result: Result, look: Look, all: boolean): string[] {
  const { program } = result;
  if (program === undefined) return [];
  return [
    ...labelled("program", [program.endText === "" ? "how it ended is not known" : program.endText, ...lookedAt(program)].join("; "), look),
    ...streamLines("stdout", program.stdout, look, all),
    ...streamLines("stderr", program.stderr, look, all),
  ];
}

const lookedAt = ({ pictures }: ProgramResult): string[] => (pictures === 0 ? [] : [`memory looked at ${plural(pictures, "time")} while it ran`]);

function streamLines(name: string, { sizeBytes, keptBytes, lines }: ProgramResult["stdout"], look: Look, all: boolean): string[] {
  if (sizeBytes === 0) return [];
  const shown = all ? lines : lines.slice(-shownLines);
  const parts = [plural(sizeBytes, "byte"), ...(keptBytes < sizeBytes ? [`${keptBytes} of them kept`] : []), ...(shown.length < lines.length ? [`the last ${plural(shown.length, "line")}:`] : [])];
  return [...labelled(name, parts.join(", "), look), ...shown.map((line) => `  ${fitEnd(sanitize(line), look.columns - 2, look.symbols.ellipsis)}`)];
}

function labelled(label: string, text: string, { columns }: Look): string[] {
  return wrap(`${label}: ${sanitize(text)}`, columns, "  ");
}
