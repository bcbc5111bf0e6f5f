/** Every state that was met, in the order in which it was, and an index of them: one hash table with open addressing. */

const emptySlot = -1;
/** The table is never fuller than one in so many. */
const slotsPerState = 2;
const firstStates = 512;

export class StateTable {
  /** States as words, one after the other. */
  private words: Uint32Array;
  private readonly wordCount: number;
  /** States met. */
  count = 0;
  /** By state, so that the table grows without a look at the states. */
  private hashes: Int32Array;
  private slots: Int32Array;
  private mask: number;

  constructor(byteCount: number) {
    this.wordCount = Math.ceil(byteCount / 4);
    this.words = new Uint32Array(firstStates * this.wordCount);
    this.hashes = new Int32Array(firstStates);
    this.slots = new Int32Array(firstStates * slotsPerState).fill(emptySlot);
    this.mask = this.slots.length - 1;
  }

  /** The number of a state, which is the next free one when it was not met before. */
  add(state: Uint32Array): number {
    if (this.count === this.hashes.length) this.grow();
    const { wordCount } = this;
    const hashed = hash(state, wordCount);
    const slot = this.find(state, hashed);
    const found = this.slots[slot]!;
    if (found !== emptySlot) return found;
    const index = this.count++;
    const base = index * wordCount;
    for (let word = 0; word < wordCount; word++) this.words[base + word] = state[word]!;
    this.hashes[index] = hashed;
    this.slots[slot] = index;
    return index;
  }

  /** The number of a state, or -1 when it was never met. */
  indexOf(state: Uint32Array): number {
    return this.slots[this.find(state, hash(state, this.wordCount))]!;
  }

  read(index: number, into: Uint32Array): void {
    const { words, wordCount } = this;
    const base = index * wordCount;
    for (let word = 0; word < wordCount; word++) into[word] = words[base + word]!;
  }

  /** Where a state stands in the table, or would. */
  private find(state: Uint32Array, hashed: number): number {
    const { slots, words, mask, wordCount } = this;
    let slot = hashed & mask;
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

  private grow(): void {
    const stateCount = this.hashes.length * 2;
    this.words = lengthened(this.words, new Uint32Array(stateCount * this.wordCount));
    this.hashes = lengthened(this.hashes, new Int32Array(stateCount));
    this.slots = new Int32Array(stateCount * slotsPerState).fill(emptySlot);
    this.mask = this.slots.length - 1;
    const { slots, mask, hashes } = this;
    for (let index = 0; index < stateCount / 2; index++) {
      let slot = hashes[index]! & mask;
      while (slots[slot] !== emptySlot) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
  }
}

function lengthened<Numbers extends Uint32Array | Int32Array>(shorter: Numbers, longer: Numbers): Numbers {
  longer.set(shorter);
  return longer;
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
