// @ts-check

/**
 * A message of the set-up. Standard output belongs to what was asked for.
 *
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`set-up: ${text}\n`);
}
