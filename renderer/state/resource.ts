import { type ReadonlySignal, signal } from "@preact/signals";
import { errorText } from "./connection.ts";

/** Something that the lab is asked for. While it is asked again, what was there before stays. */
export interface Loaded<Value> {
  readonly value: Value | null;
  readonly isLoading: boolean;
  /** Empty when all is well. */
  readonly error: string;
}

export class Resource<Value> {
  private readonly state = signal<Loaded<Value>>({ value: null, isLoading: false, error: "" });
  private readonly ask: () => Promise<Value>;
  private asked = 0;

  constructor(ask: () => Promise<Value>) {
    this.ask = ask;
  }

  get loaded(): ReadonlySignal<Loaded<Value>> {
    return this.state;
  }

  /** Of two askings the later one counts, whichever answers last. */
  async load(): Promise<void> {
    const turn = ++this.asked;
    this.state.value = { ...this.state.peek(), isLoading: true };
    try {
      const value = await this.ask();
      if (turn === this.asked) this.state.value = { value, isLoading: false, error: "" };
    } catch (error) {
      if (turn === this.asked) this.state.value = { ...this.state.peek(), isLoading: false, error: errorText(error) };
    }
  }
}
