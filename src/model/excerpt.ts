const length = 100;

/** The beginning of a text that may be long, for a message. */
export function excerpt(text: string): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}
