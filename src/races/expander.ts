import type { Model, State } from "./model.ts";

/** Takes every step that is possible in a state, one after the other: actors in their order, alternatives in theirs. */
export class Expander {
  /** The state that is gone on from, as words: written by the caller before `begin`. */
  readonly fromWords: Uint32Array;
  /** The state that the step last taken leads to. */
  readonly state: State;
  readonly stateWords: Uint32Array;
  /** Who took that step. */
  actor = 0;
  private readonly from: State;
  /** By actor and place. */
  private readonly choices: readonly (readonly Choices[])[];
  private alternative = 0;
  private isChanged = false;

  constructor(model: Model) {
    const wordCount = Math.ceil(model.byteCount / 4);
    this.fromWords = new Uint32Array(wordCount);
    this.from = new Uint8Array(this.fromWords.buffer);
    this.stateWords = new Uint32Array(wordCount);
    this.state = new Uint8Array(this.stateWords.buffer);
    this.choices = model.actors.map(({ steps, end }) => {
      const placeCount = Math.max(end, ...steps.map(({ at }) => at)) + 1;
      return Array.from({ length: placeCount }, (_, place) => {
        const numbers = steps.flatMap(({ at }, index) => (at === place ? [index] : []));
        return { numbers, takes: numbers.map((index) => steps[index]!.take) };
      });
    });
  }

  begin(): void {
    this.actor = 0;
    this.alternative = 0;
    this.isChanged = true;
  }

  /** Takes the next step that is possible. False when there is none left. */
  advance(): boolean {
    const { from, state, choices } = this;
    if (this.isChanged) this.startOver();
    while (this.actor < choices.length) {
      const { takes } = choices[this.actor]![from[this.actor]!]!;
      while (this.alternative < takes.length) {
        const place = takes[this.alternative++]!(state);
        if (place < 0) continue;
        state[this.actor] = place;
        this.isChanged = true;
        return true;
      }
      this.actor++;
      this.alternative = 0;
    }
    this.isChanged = false;
    return false;
  }

  private startOver(): void {
    const { fromWords, stateWords } = this;
    for (let word = 0; word < fromWords.length; word++) stateWords[word] = fromWords[word]!;
  }

  /** The step last taken, among all of its actor. */
  get step(): number {
    return this.choices[this.actor]![this.from[this.actor]!]!.numbers[this.alternative - 1]!;
  }
}

interface Choices {
  readonly numbers: readonly number[];
  readonly takes: readonly ((state: State) => number)[];
}
