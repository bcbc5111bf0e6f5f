type Listener = (...args: unknown[]) => void;

/** As much of Node's as a preload uses. */
export class Emitter {
  private readonly listeners = new Map<string, readonly Listener[]>();

  on(name: string, listener: Listener): this {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return this;
  }

  off(name: string, listener: Listener): this {
    this.listeners.set(name, (this.listeners.get(name) ?? []).filter((known) => known !== listener));
    return this;
  }

  emit(name: string, ...args: readonly unknown[]): boolean {
    const all = this.listeners.get(name) ?? [];
    for (const listener of all) listener(...args);
    return all.length > 0;
  }
}
