import { expressionDelimiters, maskSpans } from "../formats/spans.ts";

/** The image's name without tag and digest. */
export function nameOfReference(reference: string): string {
  const plain = masked(reference);
  const at = plain.indexOf("@");
  const end = at < 0 ? reference.length : at;
  const colon = plain.lastIndexOf(":", end);
  return reference.slice(0, colon > plain.lastIndexOf("/", end) && colon >= 0 ? colon : end);
}

/** Whether a reference names a tag or a digest. */
export function hasTag(reference: string): boolean {
  return nameOfReference(reference).length < reference.length;
}

/** What separates in an expression, a variable or a substitution does not count. */
function masked(text: string): string {
  return maskSpans(text, [expressionDelimiters, ["$(", ")"], ["${", "}"], ["‹", "›"]]);
}
