import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { CopyButton } from "../../parts/copy.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { traceFile } from "../../state/bundle-text.ts";
import { errorText, lab } from "../../state/connection.ts";
import { currentRequest } from "../../state/form.ts";
import { result } from "../../state/shown.ts";

/** The model's trace of the run that is shown; before one, what it predicts for the form, without a guest. */
export function Trace(): JSX.Element {
  const run = result.value?.run ?? "";
  return run === "" ? <Prediction /> : <RunTrace run={run} />;
}

function RunTrace({ run }: { readonly run: string }): JSX.Element {
  useEffect(() => void traceFile.load(run), [run]);
  const { bytes, error } = traceFile.loaded.value;
  if (error !== "") return <Failure message={error} />;
  if (bytes === null) return <Loading what="Reading the trace…" />;
  const text = new TextDecoder().decode(bytes);
  return (
    <div class="tab-text">
      <div class="tab-tools">
        <CopyButton text={() => text} />
        <span class="quiet">What the model said that the kernel would do.</span>
      </div>
      <pre>{text}</pre>
    </div>
  );
}

function Prediction(): JSX.Element {
  const text = useSignal("");
  const error = useSignal("");
  const isAsked = useSignal(false);
  const predict = async (): Promise<void> => {
    isAsked.value = true;
    error.value = "";
    try {
      text.value = (await lab().call("dryRun", currentRequest())).text;
    } catch (thrown) {
      error.value = errorText(thrown);
    } finally {
      isAsked.value = false;
    }
  };
  return (
    <div class="tab-text">
      <div class="tab-tools">
        <button disabled={isAsked.value} onClick={() => void predict()}>Predict</button>
        {text.value === "" ? null : <CopyButton text={() => text.value} />}
        <span class="quiet">What the model says of the run that the form asks for. No guest is started.</span>
      </div>
      {error.value === "" ? null : <Failure message={error.value} />}
      {isAsked.value && text.value === "" ? <Loading what="Predicting…" /> : <pre>{text.value}</pre>}
    </div>
  );
}
