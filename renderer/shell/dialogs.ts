import { signal } from "@preact/signals";

/** Which sheet lies over the window. One at a time. */
export type OpenSheet = "none" | "palette" | "help";

export const openSheet = signal<OpenSheet>("none");
