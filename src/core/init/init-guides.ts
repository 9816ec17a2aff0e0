import { posix } from "node:path";
import { makeRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { guidePaths, type GuideFile, planGuides } from "../../guides/plan-guides.ts";
import type { Project } from "../../model/service.ts";
import { makeRegistry } from "../../registry/registry.ts";
import { readGuideFacts } from "./guide-facts.ts";
import type { InitSources } from "./init-read.ts";

/** The workflow is GitHub's; hosts that are known to be another's have no releases of it. */
function hasReleases(remote: InitSources["remote"]): remote is NonNullable<InitSources["remote"]> {
  return remote !== undefined && !/^(?:gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(remote.host);
}

/** `slipway init` reads every repository as trusted: people run it in repositories of their own. */
const trusted = { trust: { kind: "trusted" }, hosts: undefined } as const;

/** The guides and the README's section, from this repository and what was measured in it. */
export async function planGuideFiles(
  host: Host,
  sources: InitSources,
  project: Project,
  decided: {
    readonly workflow: string;
    readonly layout: "matrix" | "single";
    readonly usesSemanticRelease: boolean;
    /** Other files that init writes. */
    readonly written: readonly string[];
  },
): Promise<GuideFile[]> {
  const { repository, tree, remote, trunk } = sources;
  const emit = (): void => undefined;
  const { ci, tokens } = makeRun(host.env, undefined);
  const registry = makeRegistry(host, { tries: 2 });
  const workspace = { host, emit, ci, tokens, repository, project, tree, registry, ...trusted };
  const readme = tree.paths.find((path) => /^readme\.md$/i.test(path)) ?? "README.md";
  const paths = [...Object.values(guidePaths), readme];
  const facts = await readGuideFacts(workspace, {
    ...decided,
    written: new Set([...decided.written, ...paths]),
    trunk,
    repository: remote === undefined ? posix.basename(repository.root) : `${remote.owner}/${remote.repository}`,
    url: hasReleases(remote) ? `https://${remote.host}/${remote.owner}/${remote.repository}` : undefined,
  });
  const texts = await Promise.all(paths.map(async (path) => [path, await sources.read(path)] as const));
  return planGuides(facts, readme, new Map(texts.flatMap(([path, text]) => (text === null ? [] : [[path, text]]))));
}
