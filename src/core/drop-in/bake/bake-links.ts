import { asTextMap } from "../../../formats/json.ts";
import type { BakeTarget } from "../../../invocation/bake-target.ts";
import { parseReference } from "../../../model/reference.ts";
import type { DropInResult } from "../request.ts";

/** Targets that were asked for, by name. */
export type BakeTargets = ReadonlyMap<string, BakeTarget>;

/** A target's image as others link to it, `name@sha256:…`; undefined: it is not published. */
export function linkTo(
  target: Pick<BakeTarget, "tags"> | undefined,
  result: Pick<DropInResult, "digest"> | undefined,
): string | undefined {
  const name = parseReference(target?.tags[0] ?? "")?.name;
  return name === undefined || result?.digest === undefined ? undefined : `${name}@${result.digest}`;
}

/** Images of the targets that a target links to; those that are published nowhere are not among them. */
export function linkedImages(
  { links }: BakeTarget,
  targets: BakeTargets,
  results: ReadonlyMap<string, DropInResult>,
): ReadonlyMap<string, string> {
  return new Map(
    links.flatMap((link) => {
      const image = linkTo(targets.get(link), results.get(link));
      return image === undefined ? [] : [[link, image] as const];
    }),
  );
}

/** Values for `--set` by which a target gets the images of reused targets that it links to: bake would build them for it. */
export function overridesOf(name: string, contexts: unknown, images: ReadonlyMap<string, string>): string[] {
  return Object.entries(asTextMap(contexts) ?? {}).flatMap(([context, value]) => {
    const image = images.get(/^target:(.+)$/s.exec(value)?.[1] ?? "");
    return image === undefined ? [] : [`${name}.contexts.${context}=docker-image://${image}`];
  });
}

/** Names with those that others link to before them. Bake has refused circles. */
export function inOrderOfLinks(targets: BakeTargets): readonly string[] {
  const ordered = new Set<string>();
  const add = (name: string): void => {
    const target = targets.get(name);
    if (target === undefined || ordered.has(name)) return;
    for (const link of target.links) add(link);
    ordered.add(name);
  };
  for (const name of targets.keys()) add(name);
  return [...ordered];
}
