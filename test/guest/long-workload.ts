import { writeFile } from "node:fs/promises";

const fillCount = 390;

/** Writes a workload that would go on for minutes, for runs that do not come to its end; gives back its path. */
export async function writeLongWorkload(path: string): Promise<string> {
  const map = ['name = "long"', 'title = "the same memory again and again"', "[[op]]", 'op = "map"', 'region = "a"', 'size = "128M"'];
  const fill = ["[[op]]", 'op = "fill"', 'region = "a"'];
  await writeFile(path, [...map, ...Array.from({ length: fillCount }, () => fill).flat()].join("\n"));
  return path;
}
