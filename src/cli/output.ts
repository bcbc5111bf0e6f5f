import { toJson } from "../report/json.ts";
import { resultKtap } from "../report/ktap.ts";
import { ansiPaint, asciiSymbols, noPaint, unicodeSymbols, type Look } from "../report/look.ts";
import { resultMail } from "../report/mail.ts";
import type { Result } from "../report/result.ts";
import { narrowestColumns, resultTable } from "../report/table.ts";
import type { Context, Output } from "./context.ts";

export type Format = "table" | "json" | "ktap" | "mail";

export interface FormatOptions {
  readonly json?: true;
  readonly ktap?: true;
  readonly mail?: true;
  readonly all?: true;
}

const widestColumns = 80;

export function formatOf(options: FormatOptions): Format {
  return options.json ? "json" : options.ktap ? "ktap" : options.mail ? "mail" : "table";
}

function usesColour(output: Output, { environment }: Context): boolean {
  return output.isTTY === true && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

/** A locale that is set and says no UTF-8 gets ASCII; one that is not set says nothing. */
function usesAscii(environment: Context["environment"]): boolean {
  const locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].find((value) => (value ?? "") !== "");
  return locale !== undefined && !/utf-?8/i.test(locale);
}

export function lookOf(output: Output, context: Context): Look {
  const columns = Math.min(widestColumns, output.isTTY === true ? (output.columns ?? widestColumns) : widestColumns);
  return {
    columns: Math.max(narrowestColumns, columns),
    symbols: usesAscii(context.environment) ? asciiSymbols : unicodeSymbols,
    paint: usesColour(output, context) ? ansiPaint : noPaint,
  };
}

export function printLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join("\n")}\n`);
}

/** Writes a result to standard output in the format asked for. */
export function printResult(context: Context, result: Result, options: FormatOptions, sayHowToOpen: boolean): void {
  const { stdout } = context;
  const all = options.all === true;
  switch (formatOf(options)) {
    case "json":
      stdout.write(toJson(result));
      return;
    case "ktap":
      printLines(stdout, resultKtap(result));
      return;
    case "mail":
      printLines(stdout, resultMail(result, all));
      return;
    case "table":
      printLines(stdout, resultTable(result, { look: lookOf(stdout, context), all, sayHowToOpen }));
  }
}
