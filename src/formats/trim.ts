/*
 * Cutting characters off the ends of a text in time that grows with the text. An expression such as `/\/+$/` does not: it looks
 * through each run of the character from each place in it.
 */

/** Removes these characters from the end of a text. */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Removes these characters from both ends of a text. */
export function trimOf(text: string, characters: string): string {
  const trimmed = trimEndOf(text, characters);
  let start = 0;
  while (start < trimmed.length && characters.includes(trimmed.charAt(start))) start += 1;
  return trimmed.slice(start);
}

/** Returns the text before the first such character, or all of it. */
export function before(text: string, character: string): string {
  const at = text.indexOf(character);
  return at < 0 ? text : text.slice(0, at);
}
