import type { JSX } from "preact";
import { goTo } from "./shell/place.ts";
import { editExperiment, isEditing, leaveEditor, newExperiment } from "./state/editor.ts";
import { form } from "./state/form.ts";
import { running } from "./state/run.ts";
import { openRun, startRun } from "./state/shown.ts";
import { CompareView } from "./views/compare/compare.tsx";
import { EditorView } from "./views/editor/editor.tsx";
import { HistoryView } from "./views/history/history.tsx";
import { Story } from "./views/run/story.tsx";
import { Tabs } from "./views/run/tabs.tsx";
import { TimeLine } from "./views/run/time-line.tsx";
import { SideBySide } from "./views/side-by-side/side-by-side.tsx";
import { ExperimentList } from "./views/start/experiment-list.tsx";
import { RecentRuns } from "./views/start/recent-runs.tsx";
import { RunForm } from "./views/start/run-form.tsx";
import { TourView } from "./views/tour/tour.tsx";
import "./places.css";

/** Views put together: none of them knows another. */

export function LabPlace(): JSX.Element {
  if (isEditing.value) return <EditorView />;
  return (
    <div class="lab">
      <div class="lab-left">
        <ExperimentList onRun={startRun} onNew={newExperiment} />
        <RecentRuns onAll={() => goTo("history")} />
      </div>
      <div class="lab-run">
        <RunForm onRun={startRun} onStop={() => running.value?.stop()} onEdit={() => editExperiment(form.value.experiment)} />
        <TimeLine />
        <Story />
        <div class="lab-heart">
          <SideBySide />
        </div>
        <Tabs />
      </div>
    </div>
  );
}

/** Whatever run it is of, it is looked at in the lab. */
function openInLab(name: string): void {
  goTo("lab");
  leaveEditor(() => void openRun(name));
}

export const ComparePlace = (): JSX.Element => <CompareView onOpen={openInLab} />;
export const HistoryPlace = (): JSX.Element => <HistoryView onOpen={openInLab} />;
export const TourPlace = (): JSX.Element => <TourView onOpen={openInLab} />;
