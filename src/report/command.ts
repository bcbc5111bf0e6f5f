import { displayWidth, sanitize, takeColumns } from "./text.ts";

/** How a person starts the lab from its folder. */
export const invocation = "npm start --";

const needsNoQuotes = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One argument as a POSIX shell reads it back, a `~` as well: where an argument still has one, the lab itself expands it. */
export function shellQuote(argument: string): string {
  if (needsNoQuotes.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** The whole command in one line. */
export function commandLine(commandArguments: readonly string[]): string {
  return [invocation, ...commandArguments.map((argument) => shellQuote(sanitize(argument)))].join(" ");
}

/**
 * The command in lines of at most `columns`, joined by backslashes so that it can be pasted as it stands. An
 * argument longer than a line goes on at the start of the next one, where a shell joins the two without a space.
 */
export function commandLines(commandArguments: readonly string[], columns: number): string[] {
  const indent = "    ";
  const room = columns - 2;
  const lines: string[] = [];
  let line = invocation;
  for (const argument of commandArguments) {
    const [first = "", ...others] = quotedPieces(sanitize(argument), room - indent.length);
    if (displayWidth(line) + 1 + displayWidth(first) <= room) {
      line += ` ${first}`;
    } else {
      lines.push(`${line} \\`);
      line = indent + first;
    }
    for (const piece of others) {
      lines.push(`${line}\\`);
      line = piece;
    }
  }
  return [...lines, line];
}

function quotedPieces(argument: string, columns: number): string[] {
  if (displayWidth(shellQuote(argument)) <= columns) return [shellQuote(argument)];
  const pieces: string[] = [];
  for (let rest = argument; rest !== ""; ) {
    let piece = takeColumns(rest, columns);
    while (displayWidth(shellQuote(piece)) > columns) piece = takeColumns(piece, displayWidth(piece) - 1);
    pieces.push(shellQuote(piece));
    rest = rest.slice(piece.length);
  }
  return pieces;
}
