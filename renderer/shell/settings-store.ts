/** Settings of this window, kept by the browser. Where it keeps nothing, every start is like the first. */

const prefix = "swaplab.";

/** What is kept for `name` when it is one of the choices. */
export function readSetting<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
  const kept = readText(name);
  return choices.find((choice) => choice === kept) ?? otherwise;
}

/** What is kept for `name`, which anything may have written. */
export function readText(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Storage that is full or forbidden: the choice holds until the window closes.
  }
}
