import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BakeTarget, readBakeTarget } from "../../../invocation/bake-target.ts";
import { makeTemporaryFolder } from "../../../temporary-folder.ts";
import type { DropInResult, RunCallersBuild } from "../request.ts";
import { runDropIn } from "../run-drop-in.ts";
import { type BakeBatch, makeBakeBatch } from "./bake-batch.ts";
import { type BakeTargets, linkTo, inOrderOfLinks, keptTags, linkedImages, overridesOf } from "./bake-links.ts";
import type { BakePart, BakeResults, CallersBake, DropInBakeContext, DropInBakeRequest } from "./bake-request.ts";

/**
 * Does what `docker buildx bake` would do with this definition: reuses the published image of each requested target whose inputs did not
 * change, and builds all other targets in one bake. Throws as `runDropIn` does.
 */
export async function runDropInBake(context: DropInBakeContext, request: DropInBakeRequest): Promise<BakeResults> {
  const folder = await makeTemporaryFolder(context.host, "build");
  try {
    return await bake(await openBake(context, request, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One bake under way. */
interface Baking {
  readonly context: DropInBakeContext;
  readonly request: DropInBakeRequest;
  readonly targets: BakeTargets;
  readonly batch: BakeBatch;
  /** Path of the metadata file that a target's own build would write. */
  readonly metadataOf: (target: string) => string;
  /** Builds by target, which ended with reuse or joined the batch. */
  readonly running: Map<string, Promise<DropInResult>>;
}

async function openBake(context: DropInBakeContext, request: DropInBakeRequest, folder: string): Promise<Baking> {
  const { definition, remote } = request;
  const read = definition.requested.map((name) => readBakeTarget(name, definition.targets[name] ?? {}, remote));
  const metadataOf = (target: string): string => join(folder, encodeURIComponent(target), "metadata.json");
  await Promise.all(read.map(({ name }) => mkdir(dirname(metadataOf(name)), { recursive: true })));
  const batch = makeBakeBatch((target, { metadata }) =>
    writeFile(metadataOf(target), JSON.stringify(metadata[target] ?? {})),
  );
  const targets = new Map(read.map((target) => [target.name, target]));
  return { context, request, targets, batch, metadataOf, running: new Map() };
}

async function bake(baking: Baking): Promise<BakeResults> {
  const { targets, batch, running } = baking;
  try {
    const reused = await decide(baking);
    const baked = await bakeOthers(baking, reused);
    const results = new Map<string, DropInResult>();
    for (const name of inOrderOfLinks(targets)) results.set(name, await finish(baking, name, baked, results));
    return results;
  } catch (error) {
    batch.failed(error);
    await Promise.allSettled(running.values());
    throw error;
  }
}

/**
 * Starts the build of every target that could be reused, and waits until each is reused or has joined the batch. Returns the reused
 * targets.
 */
async function decide(baking: Baking): Promise<BakeResults> {
  const { targets, batch, running } = baking;
  const reused = new Map<string, DropInResult>();
  const verdicts = new Map<string, Promise<void>>();
  const decideOne = (name: string): Promise<void> => {
    const verdict = verdicts.get(name) ?? decideTarget(name);
    verdicts.set(name, verdict);
    return verdict;
  };
  const decideTarget = async (name: string): Promise<void> => {
    const target = targets.get(name);
    if (target === undefined || target.unknown.length > 0) return;
    await Promise.all(target.links.map(decideOne));
    const images = linkedImages(target, targets, reused);
    // A linked target that will be built changes this one's inputs, and one that is not published has no digest to compare.
    if (target.links.some((link) => !images.has(link))) return;
    const build = runTarget(baking, target, images);
    running.set(name, build);
    const ended = build.then((result) => void reused.set(name, result));
    await Promise.race([ended, batch.joined(name)]);
  };
  await Promise.all([...targets.keys()].map(decideOne));
  return new Map(reused);
}

function runTarget(
  { context, request, batch, metadataOf }: Baking,
  target: BakeTarget,
  links: ReadonlyMap<string, string>,
): Promise<DropInResult> {
  const { cwd, builder, options } = request;
  const selected = builder === undefined ? [] : ["--builder", builder];
  const argv = [...selected, "--metadata-file", metadataOf(target.name), ...target.argv];
  const runBuild: RunCallersBuild = (args) => batch.join(target.name, args);
  // One bake builds all targets, so it cannot run on the staged files of one target.
  return runDropIn({ ...context, runBuild, mayStage: false }, { argv, cwd, options, links: Object.fromEntries(links) });
}

async function bakeOthers(
  { context, request, targets, batch }: Baking,
  reused: BakeResults,
): Promise<CallersBake | undefined> {
  const left = [...targets.keys()].filter((name) => !reused.has(name));
  if (left.length === 0) return undefined;
  const images = new Map(
    [...reused].flatMap(([name, result]) => {
      const image = linkTo(targets.get(name), result);
      return image === undefined ? [] : [[name, image] as const];
    }),
  );
  const { definition } = request;
  const overrides = left.flatMap((name) => [
    ...overridesOf(name, definition.targets[name]?.["contexts"], images),
    ...keptTags(name, targets.get(name)?.tags ?? [], batch.argsOf(name), context.host.env),
  ]);
  const part: BakePart = { targets: left, overrides, isWhole: left.length === targets.size };
  const baked = await context.runBake(part);
  batch.baked(baked);
  return baked;
}

/**
 * Returns the result of one target, after those of the targets that it links to. A target whose linked targets were baked could not be
 * planned before; its inputs are known now, so its record is written now.
 */
async function finish(
  baking: Baking,
  name: string,
  baked: CallersBake | undefined,
  results: BakeResults,
): Promise<DropInResult> {
  const { targets, running } = baking;
  const target = targets.get(name);
  const begun = running.get(name);
  if (begun !== undefined) return begun;
  if (target === undefined || baked === undefined) throw new RangeError(`the target "${name}" was not baked`);
  const images = linkedImages(target, targets, results);
  const unlinked = target.links.find((link) => !images.has(link));
  if (baked.exitCode === 0 && target.unknown.length === 0 && unlinked === undefined) {
    return runTarget(baking, target, images);
  }
  const because =
    unlinked === undefined
      ? `${target.unknown.join(", ")}: Slipway leaves this to bake`
      : `it links to the target "${unlinked}", which is published nowhere`;
  const nothing = {
    fingerprint: null,
    imageId: undefined,
    digest: undefined,
    savedSeconds: null,
    spoiledBy: [],
    pending: null,
  } as const;
  return { kind: "built", because, ...nothing, metadata: baked.metadata[name] ?? {}, exitCode: baked.exitCode };
}
