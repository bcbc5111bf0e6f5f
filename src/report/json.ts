const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** One character as JSON writes it when it must not stand there itself. */
function escaped(character: string): string {
  let text = "";
  for (let index = 0; index < character.length; index += 1) {
    text += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  }
  return text;
}

/**
 * A value as one JSON document with a line end. Characters that a terminal could act upon are written as
 * escapes: they can stand inside strings only, so the document reads back the same.
 */
export function toJson(value: object): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.split("\n").map((line) => line.replace(unprintable, escaped)).join("\n")}\n`;
}
