import { app, BrowserWindow, protocol, session } from "electron";
import { join } from "node:path";
import { guardContents, guardSession } from "./guards.ts";
import { LabProcess } from "./lab-process.ts";
import { setMenu } from "./menu.ts";
import { appOrigin, appScheme } from "./names.ts";
import { carryMessages } from "./page-channel.ts";
import { answerPageRequest } from "./page-files.ts";

/** The desktop app: a window, its page, and the lab's process between whom it carries messages. */

const pageFolder = join(__dirname, "../page");
const lab = new LabProcess(join(__dirname, "lab.cjs"));
carryMessages(lab);

app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
guardContents(app);

if (app.requestSingleInstanceLock()) {
  app.on("second-instance", showWindow);
  app.on("window-all-closed", () => app.quit());
  app.on("before-quit", (event) => {
    if (!lab.isRunning) return;
    // Guests end first. The event comes again when they have.
    event.preventDefault();
    void lab.end().then(() => app.quit());
  });
  void app.whenReady().then(() => {
    guardSession(session.defaultSession);
    protocol.handle(appScheme, async (request) => answerPageRequest(pageFolder, request));
    setMenu();
    openWindow();
  });
} else {
  app.quit();
}

function openWindow(): void {
  const window = new BrowserWindow({
    title: "Swaplab",
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    webPreferences: { preload: join(__dirname, "preload.cjs"), sandbox: true, contextIsolation: true, nodeIntegration: false, spellcheck: false },
  });
  window.once("ready-to-show", () => window.show());
  void window.loadURL(`${appOrigin}/index.html`);
}

function showWindow(): void {
  const [window] = BrowserWindow.getAllWindows();
  if (window === undefined) return;
  if (window.isMinimized()) window.restore();
  window.focus();
}
