import { SlipwayError } from "../errors.ts";

/** Hint for an answer that no registry gives. */
export const unreadableHint =
  "perhaps something else answered in the registry's place (a proxy, a login page); the answer was not used, and the same command may succeed later";

/** Hint for bytes that do not have the requested digest. */
export const alteredHint = "the registry, or a server in between, returned altered content; it was not used";

/**
 * The error for content of a registry that is not what was expected. `doing` names the image ("reading ghcr.io/acme/api:1.2"), `what` the
 * expected content ("image manifest").
 */
export function unreadable(doing: string, what: string, bytes: Uint8Array): SlipwayError {
  return new SlipwayError(
    "registry-unreadable",
    `${doing}: the registry's answer is no ${what}: ${quoteStart(bytes)}`,
    {
      hint: unreadableHint,
    },
  );
}

const mostQuoted = 60;

/** The first characters as a JSON string, without line ends and control characters. */
function quoteStart(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 4 * mostQuoted)).trim();
  const start = text.slice(0, mostQuoted).replaceAll(/[^\x20-\x7e]+/g, " ");
  return JSON.stringify(start.length < text.length || bytes.length > 4 * mostQuoted ? `${start}…` : start);
}
