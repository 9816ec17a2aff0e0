import { redactUserInfo } from "../formats/address.ts";

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/**
 * Makes a function that replaces secret values with `***`: whole, as base64, in URLs, and each line of a multi-line secret (a log shows a
 * key file line by line). Also removes credentials from URLs.
 */
export function makeRedact(secrets: readonly string[]): Redact {
  const needles = [...new Set(secrets.flatMap(formsOf))].toSorted((left, right) => right.length - left.length);
  return (text) => {
    const masked = needles.reduce((rest, needle) => rest.replaceAll(needle, "***"), text);
    return redactUserInfo(masked, "***@");
  };
}

/** Length below which a single line of a secret is not hidden, because lines such as `}` or `---` are too common. */
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
