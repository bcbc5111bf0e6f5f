/** What the desktop window gives its page, as `window.swaplab`; a page in a browser has none. */
export interface Bridge {
  /** Begins a connection with the lab; an earlier one of this page is over. */
  connect(message: (message: unknown) => void, closed: (why: string) => void): void;
  send(message: object): void;
  disconnect(): void;
  /** A command of the page's registry, chosen in the window's menu. */
  onCommand(run: (id: string) => void): void;
}
