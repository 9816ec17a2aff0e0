import { trimEndOf } from "../formats/trim.ts";

/** Length below which a value is not looked for, because other texts hold it by chance. */
const shortestSecret = 8;

/**
 * The forms in which a secret's value may lie in an image: as it is, in JSON, as base64 and in a URL. Of a secret of several lines also its
 * long lines. Empty: the value is too short to be told from other text.
 */
export function secretForms(secret: string): readonly string[] {
  const whole = secret.trim();
  if (whole.length < shortestSecret) return [];
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  const long = lines.length === 1 ? [] : lines.filter((line) => line.length >= 24 && !line.startsWith("-----"));
  const texts = [whole, ...long];
  const encoded = [secret, ...texts].map((text) => Buffer.from(text).toString("base64"));
  // Within longer base64 only the middle stays the same, and padding depends on what follows.
  const unpadded = encoded.map((text) => trimEndOf(text, "="));
  const forms = [
    ...texts,
    ...texts.map((text) => JSON.stringify(text).slice(1, -1)),
    ...unpadded,
    ...unpadded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ...texts.map(encodeURIComponent),
  ];
  return [...new Set(forms)];
}

/** A secret of a build with the forms of its value. */
export interface SoughtSecret {
  readonly id: string;
  readonly forms: readonly string[];
}

/** Ids of the secrets whose value a text holds. */
export function findSecrets(text: string, secrets: readonly SoughtSecret[]): string[] {
  return secrets.filter(({ forms }) => forms.some((form) => text.includes(form))).map(({ id }) => id);
}
