import { redactUserInfo } from "../formats/address.ts";

/** Text with nothing secret in it. */
export type Redact = (text: string) => string;

/**
 * Replaces secret values with `***`: whole, as base64 and in URLs, and each line of a secret of several lines (a key file,
 * of which a log shows one line at a time). Credentials in URLs go too.
 */
export function makeRedact(secrets: readonly string[]): Redact {
  const needles = [...new Set(secrets.flatMap(formsOf))].toSorted((left, right) => right.length - left.length);
  return (text) => {
    const masked = needles.reduce((rest, needle) => rest.replaceAll(needle, "***"), text);
    return redactUserInfo(masked, "***@");
  };
}

/** Lines shorter than this are too common to be hidden by themselves: `}`, `---`. */
const shortestLine = 4;

function formsOf(secret: string): string[] {
  const whole = secret.trim();
  if (whole === "") return [];
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  const encoded =
    whole.length < shortestLine ? [] : [encodeBase64(secret), encodeBase64(whole), encodeURIComponent(whole)];
  return [whole, ...encoded, ...(lines.length > 1 ? lines.filter((line) => line.length >= shortestLine) : [])];
}

function encodeBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
