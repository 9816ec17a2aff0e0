import type { ComposeCursor } from "./compose-cursor.ts";
import type { ComposeOrigin } from "./compose-node.ts";
import { readText } from "../written/cursor.ts";
import { interpolateAt } from "./interpolate.ts";
import type { Faults, Place, PlacedValue } from "../written/place.ts";
import {
  decidingProbes,
  hasVersion,
  makeGuess,
  makeProbe,
  mayHoldVersion,
  type Probe,
  variableMeaning,
} from "./release-variables.ts";

/** An image reference at a release. */
export interface ComposeReference extends PlacedValue<string> {
  /** Probes in the variables that a release sets; empty: no such variable decides the tag, which is kept. */
  readonly probes: readonly Probe[];
}

/** Reads `image:` or one of `build.tags`. */
export function readReference(cursor: ComposeCursor, what: string, faults: Faults): ComposeReference | undefined {
  const { origin, value } = cursor.node ?? {};
  if (origin === undefined || typeof value !== "string") {
    const text = readText(cursor, what, faults);
    return text === undefined ? undefined : { ...text, probes: [] };
  }
  const probes = findProbes(value, cursor.at, origin);
  return { value: origin.fill(value, cursor.at, valuesOf(probes)), at: cursor.at, probes };
}

/** Finds probes for the variables that decide a reference's tag at a release. */
function findProbes(written: string, at: Place, { env, steps }: ComposeOrigin): readonly Probe[] {
  const probes = new Map<string, Probe>();
  const probe = (name: string): string | undefined => {
    const value = env(name);
    const known = probes.get(name);
    if (known !== undefined) return known.text;
    const fallback = defaultIn(written, name);
    const meaning = variableMeaning(name, fallback ?? "");
    if (meaning === undefined && !mayHoldVersion(name, fallback ?? "")) return value;
    const made = meaning === undefined ? makeGuess(name, probes.size) : makeProbe(name, meaning, probes.size);
    probes.set(name, made);
    return made.text;
  };
  const all = interpolateAt(at, written, probe, steps).text;
  const deciding = decidingProbes([...probes.values()], [tagOf(all)]);
  if (!deciding.some(({ meaning }) => meaning === "version")) return [];
  const set = valuesOf(deciding);
  const { text } = interpolateAt(at, written, (name) => set.get(name) ?? env(name), steps);
  // A version in the image's name is not a tag, so such a reference is kept.
  return hasVersion(text.slice(0, text.length - tagOf(text).length), deciding) ? [] : deciding;
}

function valuesOf(probes: readonly Probe[]): Map<string, string> {
  return new Map(probes.map(({ name, text }) => [name, text]));
}

/** `8.3` of `${PHP_VERSION:-8.3}`. */
function defaultIn(written: string, name: string): string | undefined {
  return new RegExp(`\\$\\{${name}:?-([^{}$]*)\\}`).exec(written)?.[1];
}

function tagOf(reference: string): string {
  return /:([^:/]*)$/.exec(reference)?.[1] ?? "";
}
