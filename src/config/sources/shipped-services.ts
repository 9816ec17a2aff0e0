import { addTo } from "../../model/lists.ts";
import { before } from "../../formats/trim.ts";
import { byKey } from "../../model/order.ts";
import { parseReference, renderReference } from "../../model/reference.ts";
import { isMap } from "../written/cursor.ts";
import { parseServiceName } from "../project/names.ts";
import { explainUnreleased } from "./folder-names.ts";
import type { SourceServices, FoundService, Layer } from "../project/layer.ts";

/** Options for choosing the services to release. */
export interface ShippedOptions {
  /** Names with an entry in slipway.yaml, which asks for the service. */
  readonly asked: ReadonlySet<string>;
  /** Whether an image name asks for the image: bake's tags, unlike Compose's, only name images to push. */
  readonly namesAsk: boolean;
}

/** Leaves out images for development and tests, and merges services of one image. */
export function keepShipped(found: SourceServices, options: ShippedOptions): SourceServices {
  return mergeSameImages(leaveOutUnasked(found, options), options.asked);
}

function leaveOutUnasked(found: SourceServices, { asked, namesAsk }: ShippedOptions): SourceServices {
  const reasons = new Map(
    found.services.flatMap((service) => {
      const { name, layer, dockerfile } = service;
      const isAsked = asked.has(parseServiceName(name) ?? name) || (namesAsk && layer.images !== undefined);
      const because = isAsked ? undefined : explainUnreleased(dockerfile.value, layer.target);
      return because === undefined ? [] : [[name, because] as const];
    }),
  );
  const kept = new Set(
    found.services.filter(({ name }) => !reasons.has(name)).flatMap((service) => [service.name, ...usedBy(service)]),
  );
  for (const name of kept) for (const used of usedBy(found.services.find((each) => each.name === name))) kept.add(used);
  const leftOut = [...reasons].filter(([name]) => !kept.has(name));
  return {
    ...found,
    services: found.services.filter(({ name }) => kept.has(name)),
    leftOut: [
      ...found.leftOut,
      ...leftOut.map(([name, because]) => ({
        path: `${found.source}: ${name}`,
        because: `${because}; to release it, name it under services in slipway.yaml`,
      })),
    ],
  };
}

/** Names of the services that a service uses as contexts. */
function usedBy(service: FoundService | undefined): string[] {
  return Object.values(service?.layer.contexts ?? {}).flatMap(({ value }) =>
    value.kind === "service" ? [value.service] : [],
  );
}

/**
 * Merges names of one image: in Compose, `web`, `worker` and `scheduler` may run the same. The service is the first, or the one with the
 * image's name.
 */
function mergeSameImages(found: SourceServices, asked: ReadonlySet<string>): SourceServices {
  const groups = new Map<string, FoundService[]>();
  for (const service of found.services) {
    const key =
      service.image === undefined ? service.name : JSON.stringify([imageKey(service.image), buildOf(service)]);
    addTo(groups, key, service);
  }
  const replaced = new Map<string, string>();
  for (const members of groups.values()) {
    const isAsked = members.filter(({ name }) => asked.has(parseServiceName(name) ?? name));
    const chosen = isAsked[0] ?? members.find(({ name, image = "" }) => name === baseName(image)) ?? members[0];
    for (const { name } of members) {
      if (chosen !== undefined && name !== chosen.name && !isAsked.some((each) => each.name === name))
        replaced.set(name, chosen.name);
    }
  }
  if (replaced.size === 0) return found;
  const services = found.services
    .filter(({ name }) => !replaced.has(name))
    .map((service) => ({
      ...service,
      aliases: found.services
        .filter(({ name }) => name === service.name || replaced.get(name) === service.name)
        .flatMap(({ aliases }) => aliases),
      layer: renameContexts(service.layer, replaced),
    }));
  const leftOut = [...replaced].map(([name, other]) => ({
    path: `${found.source}: ${name}`,
    because: `the same image as "${other}"`,
  }));
  return { ...found, services, leftOut: [...found.leftOut, ...leftOut] };
}

/** Key of an image: `w`, `w:latest` and `docker.io/library/w` name the same one. */
function imageKey(written: string): string {
  const reference = parseReference(written);
  if (reference === undefined) return written;
  return renderReference(reference.digest === undefined ? { tag: "latest", ...reference } : reference);
}

/** The build as a comparable text, without places and order. */
function buildOf({ context, dockerfile, layer }: FoundService): string {
  const { images: _images, tags: _tags, imageTags: _imageTags, ...build } = layer;
  return JSON.stringify([context.value, dockerfile.value, build], (key, value: unknown) => {
    if (key === "at") return undefined;
    return isMap(value) ? Object.fromEntries(Object.entries(value).sort(byKey(([name]) => name))) : value;
  });
}

/** The last part of an image's name: `app` for `ghcr.io/acme/app:1`. */
function baseName(image: string): string {
  return before(image, "@")
    .replace(/:[^:/]*$/, "")
    .replace(/^.*\//, "");
}

function renameContexts(layer: Layer, names: ReadonlyMap<string, string>): Layer {
  if (layer.contexts === undefined) return layer;
  const contexts = Object.entries(layer.contexts).map(([key, said]) => {
    const { value } = said;
    const service = value.kind === "service" ? names.get(value.service) : undefined;
    return [key, service === undefined ? said : { ...said, value: { kind: "service" as const, service } }] as const;
  });
  return { ...layer, contexts: Object.fromEntries(contexts) };
}
