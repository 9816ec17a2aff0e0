import { posix } from "node:path";
import { makeRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { guidePaths, type GuideFile, planGuides } from "../../guides/plan-guides.ts";
import type { Project } from "../../model/service.ts";
import { makeRegistry } from "../../registry/registry.ts";
import { readGuideFacts } from "./guide-facts.ts";
import type { InitSources } from "./init-read.ts";

/** Whether the remote has GitHub releases. Well-known hosts that are not GitHub have none; any other host is taken for GitHub. */
function hasReleases(remote: InitSources["remote"]): remote is NonNullable<InitSources["remote"]> {
  return remote !== undefined && !/^(?:gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(remote.host);
}

/** Trust of `slipway init`: it treats every repository as trusted, because people run it by hand in their own repositories. */
const trusted = { trust: { kind: "trusted" }, hosts: undefined } as const;

/** Plans the guides and the README's section from the repository and from numbers measured in it. */
export async function planGuideFiles(
  host: Host,
  sources: InitSources,
  project: Project,
  decided: {
    readonly workflow: string;
    readonly layout: "matrix" | "single";
    /** Titles of the events on which an adopted workflow releases; undefined: none is adopted. */
    readonly releasedOn: readonly string[] | undefined;
    readonly usesSemanticRelease: boolean;
    /** Paths of the other files that init writes. */
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
