import type { JSX } from "preact";
import type { Result } from "../../src/report/result.ts";
import "./verdict.css";

type Verdict = Result["verdict"];

const signs: Readonly<Record<Verdict, string>> = { pass: "=", fail: "≠", lost: "✕", invalid: "?" };
const verdictMeaning: Readonly<Record<Verdict, string>> = {
  pass: "model and kernel agree",
  fail: "model and kernel differ",
  lost: "the guest died or went silent",
  invalid: "this kernel or host cannot run it: nothing was judged",
};

/** A verdict: a sign, a word and a colour. */
export function VerdictMark({ verdict, isShort = false }: { readonly verdict: Verdict; readonly isShort?: boolean }): JSX.Element {
  return (
    <span class={`verdict ${verdict}`} title={verdictMeaning[verdict]}>
      <span class="verdict-sign" aria-hidden="true">
        {signs[verdict]}
      </span>
      <span class={isShort ? "unseen" : ""}>{verdict}</span>
    </span>
  );
}
