/** The text of a workload file, as far as it is changed for a person. An experiment is saved under the name that its file says. */

/** The file's own fields: what stands before the first table. */
const topOf = (text: string): string => text.split(/^\s*\[/m, 1)[0]!;

const namePattern = /^(\s*name\s*=\s*")([^"\n]*)"/m;

/** Empty where the file says none. */
export const nameIn = (text: string): string => namePattern.exec(topOf(text))?.[2] ?? "";

export function withName(text: string, name: string): string {
  const top = topOf(text);
  const found = namePattern.exec(top);
  if (found === null) return `name = "${name}"\n${text}`;
  const start = found.index + found[1]!.length;
  return text.slice(0, start) + name + text.slice(start + found[2]!.length);
}

/** `wanted`, or with the first number behind it that makes it new. */
export function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) name = `${wanted}-${number}`;
  return name;
}

export const freshExperiment = `name = "new"
title = "$size in $folio folios, out and in again"

[parameters]
size = "16M"
folio = "64kB"

[[op]]
op = "map"
region = "a"
size = "$size"
folio = "$folio"

[[op]]
op = "fill"
region = "a"

[[op]]
op = "pageout"
region = "a"

[[op]]
op = "read"
region = "a"
`;
