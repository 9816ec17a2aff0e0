import { arch } from "node:os";
import type { BuildReads, ResolvedBuild } from "../dockerfile/syntax/dockerfile.ts";
import { renderCountedText } from "../dockerfile/syntax/counted-text.ts";
import { readBuild } from "../dockerfile/syntax/read.ts";
import { resolveBuild } from "../dockerfile/stages/resolve.ts";
import { SlipwayError } from "../errors.ts";
import type { BuildDefinition, DefinitionSources } from "../model/build-definition.ts";
import type { InputFile, Inputs } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";
import type { Service } from "../model/service.ts";
import { readBases, type ResolvedBases } from "./bases.ts";
import { readFiles } from "./files.ts";
import { type DefinitionFacts, type FrontendPin, makeDefinition, makeSources } from "./definition.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { parsedDockerfile, type ParsedDockerfile } from "./parsed.ts";
import type { ContextFiles, InputsRequest, Lookups } from "./request.ts";
import { settingsOf } from "./settings.ts";
import { countedProxies, uncountedOf } from "./uncounted.ts";

/** A service's inputs on one platform, with everything that a build from exactly these inputs needs. */
export interface ReadInputs {
  readonly inputs: Inputs;
  /** Build definition; the fingerprint is its digest. */
  readonly definition: BuildDefinition;
  readonly sources: DefinitionSources;
  /** Platforms that instructions run on, sorted. */
  readonly runsOn: readonly Platform[];
  /** Files by context; the build context's first. */
  readonly contexts: readonly ContextFiles[];
  /** Folders called `.git` that the build reads, as paths of the tree. They are not in `contexts`, and prevent staging. */
  readonly gitFolders: readonly string[];
  /** Dockerfile for BuildKit: uncounted lines are blank, and a frontend is pinned by digest. */
  readonly dockerfile: Uint8Array;
}

/**
 * Reads everything that decides a service's image on one platform. Throws `configuration` with every fault of the Dockerfile and every
 * missing source, and the errors of the look-ups.
 */
export async function readInputs(request: InputsRequest): Promise<ReadInputs> {
  const { service, platform, tree, lookups } = request;
  const { parsed, resolved, buildPlatform, clientArgs } = await resolveService(request);
  const { reads, bases } = await readWhole(request, resolved);
  const [{ contexts: files, gitFolders }, frontend] = await Promise.all([
    readFiles({ service, tree, reads: reads.reads, dockerfile: parsed.dockerfile }),
    readFrontend(lookups, resolved.frontend, buildPlatform),
  ]);
  const facts = { service, platform, buildPlatform, reads, bases, files, frontend, clientArgs };
  const definition = makeDefinition(facts);
  const isKnown = lookups !== "offline" && bases.waitsFor.length === 0 && gitFolders.length === 0;
  const volatile = [...reads.volatile, ...gitFolders.map(explainGitFolder)];
  return {
    inputs: {
      service: service.name,
      fingerprint: isKnown ? fingerprintOf(definition) : null,
      volatile: volatile.length === 0 ? null : { because: volatile.join("; ") },
      ...describeDefinition(definition, facts),
      uncounted: uncountedOf(service, reads, request.clientArgs),
    },
    definition,
    sources: makeSources(facts),
    runsOn: reads.runsOn,
    contexts: files,
    gitFolders,
    dockerfile: renderCountedText({ ...parsed, frontend: frontend?.pin }, reads.countedLines),
  };
}

/** Starts the look-ups that `readInputs` needs first, for look-ups that remember their answers. Throws as `readInputs`. */
export async function lookUpNames(request: InputsRequest): Promise<void> {
  const { resolved, buildPlatform } = await resolveService(request);
  await Promise.all([
    readBases(request, resolved, resolved.bases, resolved.contexts),
    readFrontend(request.lookups, resolved.frontend, buildPlatform),
  ]);
}

/** A service's Dockerfile with the stages, images and contexts that its build uses. */
interface ResolvedService {
  readonly parsed: ParsedDockerfile;
  readonly resolved: ResolvedBuild;
  readonly buildPlatform: Platform;
  readonly clientArgs: Readonly<Record<string, string>>;
}

async function resolveService(request: InputsRequest): Promise<ResolvedService> {
  const { service, platform, tree } = request;
  const parsed = await parsedDockerfile(tree, service);
  const buildPlatform = request.buildPlatform ?? machinePlatform();
  const clientArgs = countedProxies(request.clientArgs);
  const args = Object.fromEntries(Object.entries(service.args).map(([name, { value }]) => [name, value]));
  const contexts = new Set(Object.keys(service.contexts));
  const options = { target: service.target, args: { ...clientArgs, ...args }, platform, buildPlatform, contexts };
  const resolved = resolveBuild(parsed.dockerfile, options);
  checkConfidential(service, resolved);
  return { parsed, resolved, buildPlatform, clientArgs };
}

function explainGitFolder(path: string): string {
  return `"${path}" is read, which differs from clone to clone and changes with every git command: leave it out by a line .git in .dockerignore`;
}

/** Describes the definition as inputs: files by their path in the repository, args with their defaults. */
function describeDefinition(
  definition: BuildDefinition,
  { service, files, reads }: DefinitionFacts,
): Omit<Inputs, "service" | "fingerprint" | "volatile" | "uncounted"> {
  const roots = new Map(files.map(({ name, root }) => [name, root]));
  const { platform, bases, instructions } = definition;
  return {
    platform,
    files: allFiles(files),
    args: countedArgs(reads.args, service),
    bases,
    contexts: definition.contexts.map((each) =>
      each.kind === "folder" ? { ...each, of: roots.get(each.name) ?? "" } : each,
    ),
    instructions,
    settings: settingsOf(definition, roots.get(null) ?? ""),
  };
}

/** Throws if an image name depends on a build arg that looks like a credential, because a look-up would send the value to a registry. */
function checkConfidential(service: Service, resolved: ResolvedBuild): void {
  const names = Object.keys(service.args).filter((name) => service.args[name]?.confidential === true);
  if (names.length === 0) return;
  const { dockerfile, options } = resolved;
  const blank = Object.fromEntries(names.map((name) => [name, "0"]));
  const without = resolveBuild(dockerfile, { ...options, args: { ...options.args, ...blank } });
  if (JSON.stringify(lookedUp(resolved)) === JSON.stringify(lookedUp(without))) return;
  throw new SlipwayError(
    "base-name-confidential",
    `${dockerfile.file}: an image's name depends on a build arg that looks like a credential (${names.join(", ")})`,
    { hint: "name the image without it: the operator of its registry would learn the value" },
  );
}

function lookedUp({ bases, contexts, frontend }: ResolvedBuild): unknown {
  return [bases, contexts, frontend];
}

/** Reads the build again with each base's config until `ONBUILD` triggers bring in no further image or context. */
async function readWhole(
  request: InputsRequest,
  resolved: ResolvedBuild,
): Promise<{ reads: BuildReads; bases: ResolvedBases }> {
  let uses = resolved.bases;
  let names = resolved.contexts;
  // BuildKit runs triggers of one level only, so few rounds suffice; the limit is a safeguard.
  for (let round = 0; round < 8; round += 1) {
    const bases = await readBases(request, resolved, uses, names);
    const reads = readBuild(resolved, bases.configs);
    const known = names;
    const moreNames = reads.moreContexts.filter((name) => !known.includes(name));
    if (reads.moreBases.length === 0 && moreNames.length === 0) return { reads, bases };
    uses = [...uses, ...reads.moreBases];
    names = [...names, ...moreNames];
  }
  throw new SlipwayError("configuration", `${resolved.dockerfile.file}: the ONBUILD triggers of its bases do not end`, {
    hint: "use a base image without ONBUILD, or one whose triggers copy from nothing that has triggers",
  });
}

async function readFrontend(
  lookups: Lookups | "offline",
  reference: string | undefined,
  buildPlatform: Platform,
): Promise<FrontendPin | undefined> {
  if (reference === undefined) return undefined;
  if (lookups === "offline") return { reference, pin: undefined };
  const { pin } = await lookups.base(reference, buildPlatform);
  return { reference, pin };
}

function machinePlatform(): Platform {
  const names: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", arm: "arm", ia32: "386" };
  const platform = parsePlatform(`linux/${names[arch()] ?? arch()}`);
  if (platform === undefined) throw new RangeError(`"${arch()}" is no architecture of a platform`);
  return platform;
}

function countedArgs(args: Readonly<Record<string, string>>, service: Service): Record<string, string> {
  const counted = Object.entries(args).filter(([name]) => service.args[name]?.stamp !== true);
  return Object.fromEntries(counted.sort(([left], [right]) => byCodeUnit(left, right)));
}

/** Files of all contexts. A single context's own list is returned without a copy, because it may hold hundreds of thousands of files. */
function allFiles(contexts: readonly ContextFiles[]): readonly InputFile[] {
  const [main, ...others] = [...contexts].sort(byKey(({ name }) => name ?? ""));
  if (main === undefined) return [];
  return others.length === 0 ? namedFiles(main) : [main, ...others].flatMap(namedFiles);
}

/** A context's files with the context's name, to distinguish two contexts over the same files. */
function namedFiles({ name, files }: ContextFiles): readonly InputFile[] {
  return name === null ? files : files.map((file) => ({ ...file, context: name }));
}
