/** The beginning of a text that may be long, for a message. */
export function excerpt(text: string, length = 100): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
