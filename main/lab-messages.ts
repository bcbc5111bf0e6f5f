/** What passes between the main process and the lab's. A connection is one document in a window. */

export type ToLab =
  | { readonly type: "open"; readonly connection: number }
  | { readonly type: "message"; readonly connection: number; readonly message: unknown }
  | { readonly type: "close"; readonly connection: number }
  /** End every call and every guest, then the process. */
  | { readonly type: "end" };

export type FromLab =
  | { readonly type: "message"; readonly connection: number; readonly message: object }
  | { readonly type: "closed"; readonly connection: number; readonly why: string }
  /** The process is gone. Said by the main process itself. */
  | { readonly type: "gone"; readonly why: string };
