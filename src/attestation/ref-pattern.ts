/**
 * Whether a pattern of full refs (`refs/heads/main`, `refs/tags/v*`) takes a ref. `*` stands for any text, also with slashes; a pattern
 * without one is compared letter by letter. Takes time that grows with both lengths, not with their powers.
 */
export function isRefAllowed(pattern: string, ref: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === ref;
  const last = rest.pop() ?? "";
  if (!ref.startsWith(first) || !ref.endsWith(last) || ref.length < first.length + last.length) return false;
  const end = ref.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = ref.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
