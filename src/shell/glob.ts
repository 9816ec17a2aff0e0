/** Whether a text matches a pattern of `*` and `?`; undefined: the pattern has brackets or escapes, which are not supported. */
export function matchesGlob(text: string, pattern: string): boolean | undefined {
  if (/[[\]\\]/.test(pattern)) return undefined;
  let [at, place] = [0, 0];
  let star: { readonly place: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = pattern.charAt(place);
    if (wanted === "*") {
      star = { place, at };
      place += 1;
    } else if (place < pattern.length && (wanted === "?" || wanted === text.charAt(at))) {
      at += 1;
      place += 1;
    } else if (star === undefined) return false;
    else {
      // The last `*` takes one more character.
      star.at += 1;
      at = star.at;
      place = star.place + 1;
    }
  }
  return /^\**$/.test(pattern.slice(place));
}

/** Removes the shortest or longest start (or end) that matches the pattern; undefined: the pattern is not supported. */
export function withoutGlob(
  text: string,
  pattern: string,
  { from, isLongest }: { readonly from: "start" | "end"; readonly isLongest: boolean },
): string | undefined {
  const lengths = Array.from({ length: text.length + 1 }, (_, length) => length);
  for (const length of isLongest ? lengths.reverse() : lengths) {
    const part = from === "start" ? text.slice(0, length) : text.slice(text.length - length);
    const fits = matchesGlob(part, pattern);
    if (fits === undefined) return undefined;
    if (fits) return from === "start" ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}
