/** Makes BTF for tests, type after type; each call gives the new type's number. */
export class BtfFixture {
  private readonly words: number[] = [];
  private text = "\0";
  private count = 0;

  int(sizeBytes: number): number {
    return this.add("int", 1, 0, sizeBytes, [0x20]);
  }

  pointer(): number {
    return this.add("", 2, 0, 0, []);
  }

  array(elementType: number, elementCount: number): number {
    return this.add("", 3, 0, 0, [elementType, 0, elementCount]);
  }

  /** A structure; `bitWidth` makes its members bit fields or, being 0, ordinary ones. */
  structure(name: string, sizeBytes: number, members: readonly { name: string; type: number; bitOffset: number; bitWidth?: number }[], kind: 4 | 5 = 4): number {
    const withWidths = members.some(({ bitWidth }) => bitWidth !== undefined);
    const tail = members.flatMap((member) => [this.string(member.name), member.type, ((member.bitWidth ?? 0) << 24) | member.bitOffset]);
    return this.add(name, kind, members.length, sizeBytes, tail, withWidths);
  }

  enumeration(values: Readonly<Record<string, number>>): number {
    const entries = Object.entries(values);
    return this.add("", 6, entries.length, 4, entries.flatMap(([name, value]) => [this.string(name), value]));
  }

  /** A name for a type, or with none a qualifier. */
  wrapper(name: string, type: number): number {
    return this.add(name, name === "" ? 10 : 8, 0, type, []);
  }

  func(name: string): number {
    return this.add(name, 12, 0, this.add("", 13, 0, 0, []), []);
  }

  bytes(): Uint8Array {
    const typeBytes = this.words.length * 4;
    const out = new DataView(new ArrayBuffer(24 + typeBytes + this.text.length));
    out.setUint16(0, 0xeb9f, true);
    out.setUint8(2, 1);
    out.setUint32(4, 24, true);
    out.setUint32(12, typeBytes, true);
    out.setUint32(16, typeBytes, true);
    out.setUint32(20, this.text.length, true);
    this.words.forEach((word, i) => out.setUint32(24 + 4 * i, word, true));
    [...this.text].forEach((char, i) => out.setUint8(24 + typeBytes + i, char.charCodeAt(0)));
    return new Uint8Array(out.buffer);
  }

  private add(name: string, kind: number, length: number, sizeOrType: number, tail: readonly number[], flag = false): number {
    this.words.push(this.string(name), ((flag ? 0x80000000 : 0) | (kind << 24) | length) >>> 0, sizeOrType, ...tail);
    return ++this.count;
  }

  private string(name: string): number {
    if (name === "") return 0;
    const known = this.text.indexOf(`\0${name}\0`);
    if (known !== -1) return known + 1;
    this.text += `${name}\0`;
    return this.text.length - name.length - 1;
  }
}
