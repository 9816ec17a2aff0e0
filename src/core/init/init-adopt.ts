import { posix } from "node:path";
import { parseServiceName } from "../../config/project/names.ts";
import { scanDockerfile } from "../../config/sources/scan-dockerfile.ts";
import type { Remote } from "../../formats/address.ts";
import { trimOf } from "../../formats/trim.ts";
import type { Project } from "../../model/service.ts";
import { adoptWorkflow } from "../../workflow/adopt/adopt-workflow.ts";
import { parseWorkflow } from "../../workflow/adopt/source.ts";
import type { Adopted, AdoptedService } from "../../workflow/adopted.ts";
import { mergeAdopted } from "../../workflow/merge-adopted.ts";
import { workflowFile } from "../../workflow/plan-workflow.ts";
import type { FoundPublishers } from "./find-publishers.ts";
import type { InitSources } from "./init-read.ts";

/** Reads all workflows that publish images, except those that Slipway generated, and merges them into one description. */
export async function readAdopted(
  sources: InitSources,
  { shape, found: { read }, only }: { shape: Project | undefined; found: FoundPublishers; only: string | undefined },
): Promise<Adopted | undefined> {
  const { remote, tree, trunk } = sources;
  const own = [workflowFile(false), workflowFile(true)];
  const paths = tree.paths.filter(
    (path) =>
      /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path) &&
      !own.includes(path) &&
      (only === undefined || path.endsWith(`/${posix.basename(only)}`)),
  );
  const found: Adopted[] = [];
  for (const path of paths) {
    const source = parseWorkflow(path, (await sources.read(path)) ?? "");
    if (source === undefined) continue;
    const adopted = adoptWorkflow(source, {
      repository: remote === undefined ? undefined : `${remote.owner}/${remote.repository}`,
      trunk,
      files: { paths: new Set(tree.paths), read },
      nameOf: (dockerfile, context) => nameOf(shape, remote, dockerfile, context),
      readsBake: shape?.source.startsWith("docker-bake") ?? false,
    });
    if (adopted !== undefined) found.push(adopted);
  }
  return mergeAdopted(found);
}

function nameOf(shape: Project | undefined, remote: Remote | undefined, dockerfile: string, context: string): string {
  const same = shape?.services.filter((service) => service.dockerfile === dockerfile) ?? [];
  const found = same.find((service) => service.context === context) ?? same[0];
  if (found !== undefined) return found.name;
  const folder = posix.basename(posix.dirname(dockerfile));
  return parseServiceName(folder === "." ? (remote?.repository ?? "app") : folder) ?? "app";
}

/**
 * Patterns of files that a Dockerfile copies and that a step before the build may make: those that git does not track, and whole folders that it
 * copies, as Docker sends them.
 */
export async function readGenerated(sources: InitSources, { context, dockerfile }: AdoptedService): Promise<string[]> {
  const text = await sources.read(dockerfile);
  if (text === null) return [];
  const { tree } = sources;
  const made = scanDockerfile(text).sources.flatMap((source) => {
    const path = trimOf(posix.normalize(posix.join(context, source)), "/");
    if (path === ".." || path.startsWith("../") || tree.get(path) !== undefined) return [];
    if (path === ".") return ["**"];
    if (/[*?[]/.test(path)) return [path];
    return [!tree.isFolder(path) && /\../.test(posix.basename(path)) ? path : `${path}/**`];
  });
  return [...new Set(made)].sort();
}
