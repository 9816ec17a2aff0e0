import { hasPassword } from "../../formats/address.ts";

import type { Lookup } from "./interpolate.ts";

const secretWords = new Set(
  "token tokens password passwd passphrase secret secrets credential credentials apikey privatekey pat".split(" "),
);
const secretPairs =
  /(?:^|_)(?:api|private|access|secret|signing|encryption|deploy|auth|ssh|service_account)_?keys?(?:_|$)/;
/** Last words that turn a secret's name into that of a setting. */
const harmlessEnds = new Set("url uri path file dir length ttl endpoint host name type enabled expiry".split(" "));

const secretValues: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY/,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bglpat-[A-Za-z0-9_-]{16,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bnpm_[A-Za-z0-9]{30,}/,
  /\bpypi-[A-Za-z0-9_-]{30,}/,
  /\bdckr_pat_[A-Za-z0-9_-]{20,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\b[sr]k_live_[A-Za-z0-9]{16,}/,
  /\bAIza[A-Za-z0-9_-]{35}/,
  /\beyJ(?:(?!-eyJ)[A-Za-z0-9_-]){8,}\.eyJ[A-Za-z0-9_-]{8,}\./,
];

/** Whether a text holds a private key or a token in the form that a known service gives it. */
export function holdsToken(text: string): boolean {
  return secretValues.some((pattern) => pattern.test(text));
}

/** Why a build arg looks like a secret, without its value; undefined: it does not. Empty values never do. */
export function looksSecret(name: string, value: string): string | undefined {
  if (value === "") return undefined;
  if (hasPassword(value) || holdsToken(value)) return "its value looks like a secret";
  const plain = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.]/g, "_")
    .toLowerCase();
  const words = plain.split("_");
  if (harmlessEnds.has(words.at(-1) ?? "")) return undefined;
  const isSecret = words.some((word) => secretWords.has(word)) || secretPairs.test(plain);
  return isSecret ? "its name looks like a secret's" : undefined;
}

/** Hides variables that look like credentials from a look-up. `found` is called for each. */
export function hideCredentials(lookup: Lookup, found: (name: string) => void = () => undefined): Lookup {
  return (name) => {
    const value = lookup(name);
    if (value === undefined || !isCredential(name, value)) return value;
    found(name);
    return undefined;
  };
}

/** Explains why a definition does not get a variable, with advice. */
export function credentialFault(name: string): string {
  return `the variable ${name} looks like a credential, which definitions do not get; pass it as a secret, or, if it is not one, set the arg in slipway.yaml: { env: ${name}, allow: "why it is not a secret" }`;
}

/** Names of credentials in the environment that would pass as args. */
const credentialNames =
  /passw(?:or)?d|passphrase|secret(?!s?_(?:NAME|PATH|DIR)$)|(?<!^|^OLD)PWD$|(?:^|_)(?:AUTH|COOKIE|DSN|CONNECTION_STRING)(?:_CONFIG)?$|^GIT_CONFIG_VALUE_\d+$|^INPUT_/i;

/** Whether an environment variable looks like a credential, which definitions never get. */
export function isCredential(name: string, value: string): boolean {
  return value !== "" && (credentialNames.test(name) || looksSecret(name, value) !== undefined);
}

const stampNames =
  /^(?:(?:APP|BUILD|IMAGE|SOURCE|GIT|VCS|CI|GITHUB)_)?(?:SHA|COMMIT|COMMIT_SHA|COMMIT_HASH|HASH|REVISION|REV|REF)$|^(?:BUILD|CI|GITHUB_RUN)_(?:DATE|TIME|TIMESTAMP|NUMBER|ID)$|^(?:CREATED|BUILT_AT|BUILDTIME|BUILD_AT)$|^SHORT_SHA$/i;
const versionNames = /^(?:(?:APP|BUILD|IMAGE|GIT|RELEASE|SERVICE)_)?VERSION$|^(?:GIT_)?DESCRIBE$/i;
/** A commit id, output of `git describe`, or a date with a time. */
const gitValue = /^[0-9a-f]{40}$|-\d+-g[0-9a-f]{7,}(?:-dirty)?$|^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Whether a build arg probably changes with every commit, which would rebuild the image every time. */
export function looksLikeStamp(name: string, value: string): boolean {
  return stampNames.test(name) || (versionNames.test(name) && gitValue.test(value));
}
