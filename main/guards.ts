import { type App, type Session, shell, type WebContents } from "electron";
import { isOwnAddress } from "./address.ts";
import { isAllowedLink } from "./links.ts";
import { isOwnFrame } from "./sender.ts";

/** The page stays the page: no other document, no second window, no right that it does not need. */
export function guardContents(app: App): void {
  app.on("web-contents-created", (_event, contents) => {
    const refuse = (event: { readonly url: string; preventDefault(): void }): void => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    };
    contents.on("will-navigate", refuse);
    contents.on("will-redirect", refuse);
    contents.on("will-attach-webview", (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      if (isAllowedLink(url)) void shell.openExternal(url);
      return { action: "deny" };
    });
  });
}

export function guardSession(session: Session): void {
  const isGranted = (permission: string, contents: WebContents | null): boolean =>
    // To put a report on the clipboard. Reading it is not asked for.
    permission === "clipboard-sanitized-write" && contents !== null && isOwnFrame(contents.mainFrame);
  session.setPermissionRequestHandler((contents, permission, decide) => decide(isGranted(permission, contents)));
  session.setPermissionCheckHandler((contents, permission) => isGranted(permission, contents));
  session.setDevicePermissionHandler(() => false);
}
