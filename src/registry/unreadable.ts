import { SlipwayError } from "../errors.ts";

/** What to do about an answer that is none of a registry's. */
export const unreadableHint =
  "perhaps something else answered in the registry's place (a proxy, a login page); nothing was done with the answer, and the same command may succeed later";

/** What to do about bytes that do not have the digest they were asked by. */
export const alteredHint =
  "the registry, or something between here and there, gives altered content; nothing was done with it";

/**
 * Bytes of a registry that are not what they should be. `doing` names the image ("reading ghcr.io/acme/api:1.2"), `what` is
 * what was expected ("image manifest").
 */
export function unreadable(doing: string, what: string, bytes: Uint8Array): SlipwayError {
  return new SlipwayError("unavailable", `${doing}: the registry's answer is no ${what}: ${quoteStart(bytes)}`, {
    hint: unreadableHint,
  });
}

const mostQuoted = 60;

/** The first characters as a JSON string: without line ends and control characters. */
function quoteStart(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * mostQuoted)).trim();
  const start = text.slice(0, mostQuoted).replaceAll(/[^\x20-\x7e]+/g, " ");
  return JSON.stringify(start.length < text.length || bytes.length > 4 * mostQuoted ? `${start}…` : start);
}
