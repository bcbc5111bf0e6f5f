/** Numbers as bytes: seven bits a byte, lowest first, so that small ones take one. */

export class MapFormatError extends Error {
  override readonly name = "MapFormatError";
}

export class ByteWriter {
  private buffer = new Uint8Array(256);
  private length = 0;

  /** A whole number from 0 to 2^53. */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A whole number that may be negative: its sign is the lowest bit. */
  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Characters of ASCII only. */
  name(text: string): void {
    this.number(text.length);
    for (let index = 0; index < text.length; index++) this.byte(text.charCodeAt(index));
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A copy of what was written. */
  result(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  private reserve(byteCount: number): void {
    if (this.length + byteCount <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + byteCount));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}

/** Reads what may have been written by anybody: what does not fit throws a MapFormatError. */
export class ByteReader {
  private readonly buffer: Uint8Array;
  private position = 0;

  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.position === this.buffer.length;
  }

  number(max: number): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.buffer[this.position++];
      if (byte === undefined) throw new MapFormatError("it ends in the midst of a number");
      value += (byte % 0x80) * factor;
      if (value > max) throw new MapFormatError(`a number is larger than ${max}`);
      if (byte < 0x80) return value;
      if (factor >= 2 ** 49) throw new MapFormatError("a number has no end");
    }
  }

  signed(max: number): number {
    const value = this.number(2 * max + 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  name(longest: number): string {
    return String.fromCharCode(...this.bytes(this.number(longest)));
  }

  bytes(byteCount: number): Uint8Array {
    const end = this.position + byteCount;
    if (end > this.buffer.length) throw new MapFormatError("it ends too early");
    const bytes = this.buffer.subarray(this.position, end);
    this.position = end;
    return bytes;
  }
}
