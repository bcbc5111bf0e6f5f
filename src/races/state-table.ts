/** Every state that was met, in the order in which it was, and an index of them: one hash table with open addressing. */

const emptySlot = -1;
/** The table is doubled when it is fuller than this. */
const fullestShare = 0.5;

export class StateTable {
  /** States as words, one after the other. */
  words: Uint32Array;
  readonly wordCount: number;
  /** States met. */
  count = 0;
  private slots: Int32Array;
  private mask: number;

  constructor(byteCount: number) {
    this.wordCount = Math.ceil(byteCount / 4);
    const capacity = 1024;
    this.words = new Uint32Array((capacity * this.wordCount) / 2);
    this.slots = new Int32Array(capacity).fill(emptySlot);
    this.mask = capacity - 1;
  }

  /** The number of a state, which is the next free one when it was not met before. */
  add(state: Uint32Array): number {
    const slot = this.find(state);
    const found = this.slots[slot]!;
    if (found !== emptySlot) return found;
    const index = this.count++;
    const { wordCount } = this;
    if ((index + 1) * wordCount > this.words.length) this.growWords();
    const base = index * wordCount;
    for (let word = 0; word < wordCount; word++) this.words[base + word] = state[word]!;
    this.slots[slot] = index;
    if (this.count > this.slots.length * fullestShare) this.growSlots();
    return index;
  }

  /** The number of a state, or -1 when it was never met. */
  indexOf(state: Uint32Array): number {
    return this.slots[this.find(state)]!;
  }

  read(index: number, into: Uint32Array): void {
    const { words, wordCount } = this;
    const base = index * wordCount;
    for (let word = 0; word < wordCount; word++) into[word] = words[base + word]!;
  }

  /** Where a state stands in the table, or would. */
  private find(state: Uint32Array): number {
    const { slots, words, mask, wordCount } = this;
    let slot = hash(state, wordCount) & mask;
    for (;;) {
      const index = slots[slot]!;
      if (index === emptySlot) return slot;
      const base = index * wordCount;
      let word = 0;
      while (word < wordCount && words[base + word] === state[word]) word++;
      if (word === wordCount) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private growWords(): void {
    const larger = new Uint32Array(this.words.length * 2);
    larger.set(this.words);
    this.words = larger;
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(emptySlot);
    this.mask = this.slots.length - 1;
    const state = new Uint32Array(this.wordCount);
    for (let index = 0; index < this.count; index++) {
      this.read(index, state);
      this.slots[this.find(state)] = index;
    }
  }
}

function hash(state: Uint32Array, wordCount: number): number {
  let mixed = 0;
  for (let word = 0; word < wordCount; word++) {
    mixed = Math.imul(mixed ^ state[word]!, 0x9e3779b1);
    mixed ^= mixed >>> 15;
  }
  mixed = Math.imul(mixed, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}
