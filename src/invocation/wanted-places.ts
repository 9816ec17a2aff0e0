import type { BuildInvocation, InvocationOutput } from "../model/build-invocation.ts";
import type { DropInBuildReason } from "../model/observed-invocation.ts";
import { type ImageName, parseReference, renderReference } from "../model/reference.ts";

/** Destinations of a build's image. */
export interface WantedPlaces {
  /** Names of the image, at least one. Records are looked up by the first. */
  readonly names: readonly [ImageName, ...ImageName[]];
  /** Tags to push; null `tag`: the image is pushed by digest alone. */
  readonly push: readonly PushedName[];
  /** References to load into the engine's store. */
  readonly load: readonly string[];
  /**
   * Whether the engine itself builds (driver `docker`): it then keeps what is pushed, too, and keeps all of it. Other drivers load the image
   * of a platform without its attestations.
   */
  readonly isEngine: boolean;
}

export interface PushedName {
  readonly name: ImageName;
  readonly tag: string | null;
}

/** Destinations of the image, if a published image can replace the build; else the reason why none can. */
export type WantedDestinations =
  | ({ readonly kind: "image" } & WantedPlaces)
  | { readonly kind: "other"; readonly reason: DropInBuildReason };

/** Reads the destinations of a build's image. `driver`: the builder's driver, which decides the output of a build that names none. */
export function wantedOf(invocation: BuildInvocation, driver: string): WantedDestinations {
  const { tags, outputs, call } = invocation;
  if (call !== "build") return other({ kind: "call", call });
  const effects = (outputs.length === 0 ? defaultOutputs(driver) : outputs).map((output) => effectOf(output, driver));
  const stays = effects.find((effect) => effect.kind === "stays");
  if (stays !== undefined) return other({ kind: "output", type: stays.type });
  if (effects.length === 0) return other({ kind: "output", type: "none" });
  const push = effects.flatMap((effect) => (effect.kind === "push" ? pushedNames(tags, effect.output) : []));
  const isLoaded = effects.some(({ kind }) => kind === "load");
  const references = tags.map((tag) => parseReference(tag));
  if (references.includes(undefined) || push.includes(undefined)) return other(badName(invocation));
  const pushed = push.filter((each) => each !== undefined);
  const loaded = isLoaded ? references.filter((each) => each !== undefined) : [];
  const [first, ...more] = [...new Set([...pushed, ...loaded].map(({ name }) => name))];
  if (first === undefined) return other({ kind: "no-image-name" });
  return {
    kind: "image",
    names: [first, ...more],
    push: pushed,
    load: loaded.map(tagged),
    isEngine: driver === "docker",
  };
}

function other(reason: DropInBuildReason): WantedDestinations {
  return { kind: "other", reason };
}

type Effect =
  | { readonly kind: "push"; readonly output: InvocationOutput }
  | { readonly kind: "load" }
  | { readonly kind: "stays"; readonly type: string };

function effectOf(output: InvocationOutput, driver: string): Effect {
  const { type, attributes, destination } = output;
  if (type === "image" && isTrue(attributes["push"])) return { kind: "push", output };
  if (type === "image" && driver === "docker") return { kind: "load" };
  if (type === "docker" && destination === undefined && attributes["context"] === undefined) return { kind: "load" };
  return { kind: "stays", type };
}

/**
 * Returns the outputs of a build that names none. An engine keeps the image; other builders keep the result only in their cache. Source: buildx,
 * build/opt.go.
 */
function defaultOutputs(driver: string): readonly InvocationOutput[] {
  return driver === "docker" ? [{ type: "image", attributes: {}, destination: undefined }] : [];
}

function pushedNames(tags: readonly string[], { attributes }: InvocationOutput): (PushedName | undefined)[] {
  const names = tags.length > 0 ? tags : (attributes["name"] ?? "").split(",").filter((name) => name !== "");
  const isByDigest = isTrue(attributes["push-by-digest"]);
  return names.map((written) => {
    const reference = parseReference(written.trim());
    if (reference === undefined || reference.digest !== undefined) return undefined;
    return { name: reference.name, tag: isByDigest ? null : (reference.tag ?? "latest") };
  });
}

function badName({ tags, outputs }: BuildInvocation): DropInBuildReason {
  const written = [...tags, ...outputs.map(({ attributes }) => attributes["name"] ?? "")].filter((name) => name !== "");
  return { kind: "not-understood", written: written.join(", "), because: "not all of these are image names" };
}

function tagged(reference: { readonly name: ImageName; readonly tag?: string }): string {
  return renderReference({ tag: "latest", ...reference });
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|t|true)$/i.test(value);
}
