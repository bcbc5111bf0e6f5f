/** What the main process and the preload have to agree on. */

/** The page's address. Only documents from here are talked to. */
export const appScheme = "app";
export const appOrigin = "app://lab";

/** Page to main process: a connection is wanted, carries a message, is over. */
export const fromPage = { open: "lab:open", message: "lab:message", close: "lab:close" } as const;
/** Main process to page. */
export const toPage = { message: "lab:message", closed: "lab:closed", command: "app:command" } as const;

/** Main process to the lab's: end every call and every guest, then yourself. */
export const endWord = "end";
