import type { ComponentChildren, JSX } from "preact";
import { clusterSlotCount, x86_64 } from "../../../src/model/geometry.ts";
import { describeDivergence } from "../../../src/report/divergence.ts";
import type { Result } from "../../../src/report/result.ts";
import { countsText, modelText } from "../../../src/report/summary.ts";
import { firstDifferingSlot } from "../../state/check-slot.ts";
import { showSlot } from "../../state/maps.ts";
import { chooseStep, live, openError, opening, result } from "../../state/shown.ts";
import "./story.css";

/** What came out, in a sentence or two. Nothing when all is well. */
export function Story(): JSX.Element | null {
  if (openError.value !== "") return <Band kind="bad" text={openError.value} />;
  const outcome = result.value;
  if (outcome === null) {
    const error = live.value?.error.value ?? "";
    if (error !== "") return <Band kind="odd" text={error} />;
    return opening.value === "" ? null : <Band kind="calm" text={`Opening ${opening.value}…`} />;
  }
  if (outcome.verdict === "pass") return null;
  const text = outcome.firstDivergence === null ? outcome.reason : describeDivergence(outcome.firstDivergence, outcome.steps);
  return (
    <Band kind={outcome.verdict === "invalid" ? "odd" : "bad"} text={text} detail={[outcome.run, countsText(outcome), outcome.model.generation === "" ? "" : `model ${modelText(outcome)}`].filter((fact) => fact !== "").join("  ·  ")} words={outcome.lastWords}>
      <FirstSlot outcome={outcome} />
    </Band>
  );
}

interface BandProps {
  readonly kind: "calm" | "odd" | "bad";
  readonly text: string;
  readonly detail?: string;
  readonly words?: readonly string[];
  readonly children?: ComponentChildren;
}

function Band({ kind, text, detail = "", words = [], children }: BandProps): JSX.Element {
  return (
    <div class={`band ${kind}`} role={kind === "calm" ? "status" : "alert"}>
      <div>
        <p class="band-text">{text}</p>
        {detail === "" ? null : <p class="quiet">{detail}</p>}
        {words.length === 0 ? null : <pre class="band-words">{words.join("\n")}</pre>}
      </div>
      {children}
    </div>
  );
}

/** The way to the first slot that differs, which may be in a later step than the first check that does. */
function FirstSlot({ outcome }: { readonly outcome: Result }): JSX.Element | null {
  const first = firstDifferingSlot(outcome, clusterSlotCount(x86_64));
  if (first === null) return null;
  const go = (): void => {
    chooseStep(first.step);
    showSlot(first);
  };
  return <button onClick={go}>{`Slot ${first.slot.toLocaleString("en")}, step ${first.step}`}</button>;
}
