import { effect } from "@preact/signals";
import { render } from "preact";
import "./style/theme.css";
import "./style/base.css";
import "./style/page.css";
import { labCommands, labItems } from "./lab-commands.ts";
import { ComparePlace, HistoryPlace, LabPlace, TourPlace } from "./places.tsx";
import { LabStatus } from "./parts/lab-status.tsx";
import { commands } from "./shell/app-commands.ts";
import { Frame } from "./shell/frame.tsx";
import { addPaletteSource } from "./shell/palette.tsx";
import { listenForShortcuts } from "./shell/shortcuts.ts";
import { connect } from "./state/connection.ts";
import { running } from "./state/run.ts";
import { openTransport } from "./state/transport.ts";
import { DoctorView } from "./views/doctor/doctor.tsx";
import { RaceView } from "./views/race/race.tsx";
import { showTab } from "./views/run/tabs.tsx";
import { SettingsView } from "./views/settings/settings.tsx";

commands.add(...labCommands);
addPaletteSource(labItems);
listenForShortcuts(commands);
render(<Frame views={{ lab: LabPlace, tour: TourPlace, races: RaceView, compare: ComparePlace, history: HistoryPlace, doctor: DoctorView, settings: SettingsView }} status={LabStatus} />, document.getElementById("app")!);
effect(() => {
  // A guest that is kept is there to be typed to.
  if (running.value?.phase.value === "kept") showTab("console");
});
window.swaplab?.onCommand((id) => commands.run(id));
void connect(openTransport);
