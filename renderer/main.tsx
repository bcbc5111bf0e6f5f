import { render } from "preact";
import "./style/theme.css";
import "./style/base.css";
import { commands } from "./shell/app-commands.ts";
import { Frame } from "./shell/frame.tsx";
import { listenForShortcuts } from "./shell/shortcuts.ts";
import { Empty } from "./parts/states.tsx";

const Soon = () => <Empty title="Nothing has run yet" />;
listenForShortcuts(commands);
render(<Frame views={{ lab: Soon, history: Soon, doctor: Soon, settings: Soon }} status={() => null} />, document.getElementById("app")!);
