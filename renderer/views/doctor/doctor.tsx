import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { DoctorItem } from "../../../src/api/lab.ts";
import { Failure, Loading } from "../../parts/states.tsx";
import { doctor } from "../../state/lists.ts";
import "./doctor.css";

const signs: Readonly<Record<DoctorItem["status"], string>> = { ok: "✓", warning: "~", missing: "✕" };
const words: Readonly<Record<DoctorItem["status"], string>> = { ok: "there", warning: "slower or less", missing: "missing" };

/** What this machine has of what a run needs, and what to do about the rest. */
export function DoctorView(): JSX.Element {
  const { value, isLoading, error } = doctor.loaded.value;
  useEffect(() => {
    if (doctor.loaded.peek().value === null) void doctor.load();
  }, []);
  const missing = value?.filter(({ status }) => status === "missing").length ?? 0;
  return (
    <div class="doctor page" data-pane="doctor">
      <header>
        <div>
          <h1>Doctor</h1>
          <p class="quiet">
            {value === null ? "Looks for everything a run needs and tries the accelerators." : missing === 0 ? "Nothing that a run needs is missing." : `${missing} of what a run needs is missing.`}
          </p>
        </div>
        <button disabled={isLoading} onClick={() => void doctor.load()}>
          {isLoading ? "Looking…" : "Look again"}
        </button>
      </header>
      {error === "" ? null : <Failure message={error} />}
      {value === null && error === "" ? <Loading what="Looking. Trying an accelerator boots a guest and takes some seconds." /> : null}
      <ul class={isLoading ? "stale" : ""}>
        {(value ?? []).map(({ name, status, detail, next }) => (
          <li key={name} class={status}>
            <span class="doctor-sign" title={words[status]}>
              <span aria-hidden="true">{signs[status]}</span>
              <span class="unseen">{words[status]}</span>
            </span>
            <h2>{name}</h2>
            <div>
              <p>{detail}</p>
              {next === "" ? null : <p class="doctor-next">{next}</p>}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
