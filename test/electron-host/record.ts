/** What the app asked Electron for, kept for tests to look at: `electron.host.record`. */
export const record = {
  /** Requests that would have left the machine. Each was refused. */
  external: [] as string[],
  openExternal: [] as string[],
  dialogs: [] as { readonly kind: string; readonly options: unknown }[],
  switches: [] as string[],
  isSandboxEnabled: false,
  webPreferences: [] as Readonly<Record<string, unknown>>[],
  preloadErrors: [] as string[],
  permissionRequestHandler: null as ((contents: unknown, permission: string, decide: (granted: boolean) => void) => void) | null,
  permissionCheckHandler: null as ((contents: unknown, permission: string) => boolean) | null,
  devicePermissionHandler: null as (() => boolean) | null,
};

export function notOffered(what: string): Error {
  return new Error(`electron host: ${what} is not offered`);
}
