import { EventEmitter } from "node:events";
import { record } from "./record.ts";
import { protocol } from "./schemes.ts";

/** Handlers are only kept, for tests to call: Chromium never asks them here. */
const defaultSession = Object.assign(new EventEmitter(), {
  protocol,
  setPermissionRequestHandler: (handler: typeof record.permissionRequestHandler) => void (record.permissionRequestHandler = handler),
  setPermissionCheckHandler: (handler: typeof record.permissionCheckHandler) => void (record.permissionCheckHandler = handler),
  setDevicePermissionHandler: (handler: typeof record.devicePermissionHandler) => void (record.devicePermissionHandler = handler),
});

export const session = { defaultSession };
