import { expressionDelimiters, maskSpans } from "../formats/spans.ts";

/** Returns the name of an image, without tag and digest. */
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

/** Hides expressions, variables and substitutions, so that a `:`, `/` or `@` inside them is not read as a separator. */
function masked(text: string): string {
  return maskSpans(text, [expressionDelimiters, ["$(", ")"], ["${", "}"], ["‹", "›"]]);
}
