import type { JSX } from "preact";
import { connection } from "../state/connection.ts";
import { doctor } from "../state/lists.ts";
import "./lab-status.css";

/** What the bar says of the lab: whether it is there, and whether this machine lacks something. */
export function LabStatus(): JSX.Element {
  const state = connection.value;
  if (state.kind === "connecting") return <span class="lab-status quiet" role="status">Connecting…</span>;
  if (state.kind === "ended") {
    return (
      <span class="lab-status ended" role="alert" title={state.why}>
        <span class="cut">{state.why}</span>
        <button onClick={() => location.reload()}>Connect again</button>
      </span>
    );
  }
  const items = doctor.loaded.value.value;
  const missing = items?.filter(({ status }) => status === "missing").length ?? 0;
  if (missing > 0) return <a class="lab-status ended" href="#doctor">{`${missing} missing: see Doctor`}</a>;
  return <span class="lab-status quiet">Connected</span>;
}
