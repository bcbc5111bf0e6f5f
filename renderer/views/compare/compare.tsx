import type { JSX } from "preact";
import { Empty, Failure, Loading, Turning } from "../../parts/states.tsx";
import { comparing } from "../../state/compare.ts";
import { CompareFormView } from "./compare-form.tsx";
import { CompareResult } from "./compare-result.tsx";
import "./compare.css";

/** The same experiment on two sides, or two runs that are over: what differs, and how long it took. */
export function CompareView({ onOpen }: { readonly onOpen: (run: string) => void }): JSX.Element {
  return (
    <div class="compare-page">
      <CompareFormView />
      <Outcome onOpen={onOpen} />
    </div>
  );
}

function Outcome({ onOpen }: { readonly onOpen: (run: string) => void }): JSX.Element {
  const comparison = comparing.reply.value;
  const isBusy = comparing.isBusy.value;
  if (comparison !== null) {
    return (
      <>
        {isBusy ? <Progress /> : null}
        <CompareResult key={comparison.startedAt} comparison={comparison} isStale={isBusy} onOpen={onOpen} />
      </>
    );
  }
  if (isBusy) return <FirstProgress />;
  if (comparing.error.value !== "") return <Failure message={comparing.error.value} />;
  return (
    <Empty title="Nothing compared yet">
      <p>Give two kernels (6.1 and 6.12, or a build tree such as ~/linux), two devices (nvme and zram), two folio sizes (64kB and 2048kB) or two runs by their names.</p>
      <p>With timed runs every side also runs so many times without calls being counted, in turns.</p>
    </Empty>
  );
}

const stage = (): string => (comparing.stage.value === "" ? "Comparing…" : comparing.stage.value);

/** What goes on changes often; only these are drawn again for it. */
function FirstProgress(): JSX.Element {
  return <Loading what={stage()} />;
}

function Progress(): JSX.Element {
  return (
    <p class="compare-progress quiet" role="status">
      <Turning /> {stage()}
    </p>
  );
}
