/** One entry of an archive. Paths are relative to the root and have no leading slash. */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly bytes: Uint8Array; readonly executable: boolean }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  | { readonly kind: "character-device"; readonly path: string; readonly major: number; readonly minor: number };

const fileTypeBits = { directory: 0o040000, file: 0o100000, symlink: 0o120000, "character-device": 0o020000 } as const;

function permissionBits(entry: CpioEntry): number {
  switch (entry.kind) {
    case "directory":
      return 0o755;
    case "file":
      return entry.executable ? 0o755 : 0o644;
    case "symlink":
      return 0o777;
    case "character-device":
      return 0o600;
  }
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.bytes;
  return entry.kind === "symlink" ? Buffer.from(entry.target) : Buffer.alloc(0);
}

const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

/** Header, name and content, name and content padded to four bytes. Owner and times are always 0. */
function pack(name: string, inode: number, mode: number, content: Uint8Array, device: { major: number; minor: number }): Uint8Array[] {
  const nameBytes = Buffer.from(`${name}\0`);
  const linkCount = 1;
  const fields = [inode, mode, 0, 0, linkCount, 0, content.length, 0, 0, device.major, device.minor, nameBytes.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [header, nameBytes, padding(header.length + nameBytes.length), content, padding(content.length)];
}

/**
 * An archive in the "newc" form that the kernel unpacks as its first root file system.
 * The same entries always give the same bytes: inodes are numbered in order, times are 0.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const noDevice = { major: 0, minor: 0 };
  const parts = entries.flatMap((entry, index) =>
    pack(
      entry.path,
      index + 1,
      fileTypeBits[entry.kind] | permissionBits(entry),
      contentOf(entry),
      entry.kind === "character-device" ? entry : noDevice,
    ),
  );
  return Buffer.concat([...parts, ...pack("TRAILER!!!", 0, 0, Buffer.alloc(0), noDevice)]);
}
