import { readBuildArguments } from "../../../invocation/read-build-arguments.ts";
import { asTextMap } from "../../../formats/json.ts";
import type { BakeTarget } from "../../../invocation/bake-target.ts";
import { parseReference } from "../../../model/reference.ts";
import type { DropInResult } from "../request.ts";

/** Requested targets, by name. */
export type BakeTargets = ReadonlyMap<string, BakeTarget>;

/** Returns the reference `name@sha256:…` by which other targets link to a target's image; undefined: the target has no published image. */
export function linkTo(
  target: Pick<BakeTarget, "tags"> | undefined,
  result: Pick<DropInResult, "digest"> | undefined,
): string | undefined {
  const name = parseReference(target?.tags[0] ?? "")?.name;
  return name === undefined || result?.digest === undefined ? undefined : `${name}@${result.digest}`;
}

/** Returns the published images of the targets that a target links to, by the linked target's name. */
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

/**
 * Returns values for `--set` that replace a target's links to reused targets by their images; without them, bake would build the linked
 * targets again.
 */
export function overridesOf(name: string, contexts: unknown, images: ReadonlyMap<string, string>): string[] {
  return Object.entries(asTextMap(contexts) ?? {}).flatMap(([context, value]) => {
    const image = images.get(/^target:(.+)$/s.exec(value)?.[1] ?? "");
    return image === undefined ? [] : [`${name}.contexts.${context}=docker-image://${image}`];
  });
}

/**
 * Returns values for `--set` that give a target the tags of its own build, where these are fewer: protected tags stay at a later commit's
 * image. `args`: arguments of the build; undefined: the target has none of its own.
 */
export function keptTags(
  name: string,
  tags: readonly string[],
  args: readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (args === undefined) return [];
  const kept = readBuildArguments(args.slice(1), env).tags;
  return kept.length < tags.length ? kept.map((tag) => `${name}.tags=${tag}`) : [];
}

/** Sorts the targets' names so that each follows the targets that it links to. Bake has already refused cycles. */
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
