import { addTo } from "../../model/lists.ts";
import type { IgnoreMatcher } from "../../dockerfile/matching/ignore.ts";
import { byCodeUnit } from "../../model/order.ts";
import type { LeftOut } from "../../model/service.ts";
import type { Files } from "../files.ts";
import { type DockerfilePath, nameCandidates, parseDockerfilePath, whyUnshipped } from "./folder-names.ts";
import { guessContext } from "./guess-context.ts";
import type { SourceServices, FoundService } from "../project/layer.ts";
import { scanDockerfile } from "./scan-dockerfile.ts";

/** Makes services of the tracked Dockerfiles. */
export async function findDockerfiles(
  files: Files,
  repositoryName: string,
  isIgnored: IgnoreMatcher,
): Promise<SourceServices> {
  const { shipped, leftOut } = sortDockerfiles(files, isIgnored);
  const texts = await Promise.all(shipped.map(async ({ path }) => (await files.readText(path)) ?? ""));
  const written = shipped.map((each, index) => ({ ...each, text: texts[index] ?? "" }));
  const faults = written.flatMap(({ path, text }) => {
    const because = whyNoDockerfile(text);
    return because === undefined ? [] : [{ path, because }];
  });
  const others = new Set(faults.map(({ path }) => path));
  const dockerfiles = written.filter(({ path }) => !others.has(path));
  const { names, warnings } = nameDockerfiles(dockerfiles, repositoryName);
  const services = dockerfiles.map(({ path, text }): FoundService => {
    const at = { file: path, line: 1, column: 1 };
    const context = guessContext(path, text, files);
    const name = names.get(path) ?? path;
    return { name, at, context: { value: context, at }, dockerfile: { value: path, at }, layer: {}, aliases: [] };
  });
  return { services, leftOut: [...leftOut, ...faults], source: "Dockerfiles", warnings };
}

/**
 * The reason why a file named `Dockerfile` is not a Dockerfile but, for example, a web page, a picture or a template. Undefined: it begins
 * like a Dockerfile.
 */
function whyNoDockerfile(text: string): string | undefined {
  const { first } = scanDockerfile(text);
  if (first === "FROM" || first === "ARG") return undefined;
  if (first === undefined) return "it has no instruction, so it is no Dockerfile";
  return `it begins with ${JSON.stringify(first.slice(0, 20))}, not with FROM, so it is no Dockerfile`;
}

/** Lists Dockerfiles without a service, each with a reason. `because`: the reason for those that could be released. */
export function unusedDockerfiles(
  files: Files,
  isIgnored: IgnoreMatcher,
  used: ReadonlySet<string>,
  because: string,
): LeftOut[] {
  const { shipped, leftOut } = sortDockerfiles(files, isIgnored);
  return [...leftOut, ...shipped.map(({ path }) => ({ path, because }))].filter(({ path }) => !used.has(path));
}

function sortDockerfiles(files: Files, isIgnored: IgnoreMatcher): { shipped: DockerfilePath[]; leftOut: LeftOut[] } {
  const shipped: DockerfilePath[] = [];
  const leftOut: LeftOut[] = [];
  for (const path of files.tracked) {
    const dockerfile = parseDockerfilePath(path);
    if (dockerfile === undefined) continue;
    const because = isIgnored(path) ? "slipway.yaml ignores it" : whyUnshipped(dockerfile);
    if (because === undefined) shipped.push(dockerfile);
    else leftOut.push({ path, because });
  }
  return { shipped, leftOut };
}

/** Gives each Dockerfile its shortest unique name. */
function nameDockerfiles(
  dockerfiles: readonly DockerfilePath[],
  repositoryName: string,
): { names: Map<string, string>; warnings: string[] } {
  const candidates = new Map(dockerfiles.map((each) => [each.path, nameCandidates(each, repositoryName)]));
  const depth = new Map<string, number>();
  const warnings: string[] = [];
  const nameOf = (path: string): string => {
    const names = candidates.get(path) ?? [];
    return names[Math.min(depth.get(path) ?? 0, names.length - 1)] ?? path;
  };
  for (let round = 0; round < 20; round += 1) {
    const clashes = groupBy([...candidates.keys()], nameOf).filter(([, paths]) => paths.length > 1);
    const movable = clashes.map(([name, paths]) => [name, longerOnes(paths, candidates, depth)] as const);
    if (movable.every(([, paths]) => paths.length === 0)) break;
    for (const [name, paths] of movable) {
      for (const path of paths) depth.set(path, (depth.get(path) ?? 0) + 1);
      if (paths.length > 0) warnings.push(renderClash(name, clashes, nameOf));
    }
  }
  return { names: new Map([...candidates.keys()].map((path) => [path, nameOf(path)])), warnings };
}

/** Dockerfiles with the same name that have a longer one. */
function longerOnes(
  paths: readonly string[],
  candidates: ReadonlyMap<string, readonly string[]>,
  depth: ReadonlyMap<string, number>,
): string[] {
  return paths.filter((path) => (depth.get(path) ?? 0) + 1 < (candidates.get(path)?.length ?? 0));
}

function renderClash(
  name: string,
  clashes: readonly (readonly [string, readonly string[]])[],
  nameOf: (path: string) => string,
): string {
  const paths = clashes.find(([clashing]) => clashing === name)?.[1] ?? [];
  const named = paths.map((path) => `${path} is "${nameOf(path)}"`).join(", ");
  return `several Dockerfiles would be called "${name}": ${named}; list the services in slipway.yaml to name them yourself`;
}

function groupBy(paths: readonly string[], key: (path: string) => string): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const path of paths) addTo(groups, key(path), path);
  return [...groups].sort(([left], [right]) => byCodeUnit(left, right));
}
