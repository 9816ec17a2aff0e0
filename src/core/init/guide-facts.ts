import { cacheScope, cacheTag } from "../../cache/names.ts";
import type { Emit } from "../../event.ts";
import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import type { Extent, GuideFacts, GuideService, MeasuredNumbers } from "../../guides/facts.ts";
import type { Service } from "../../model/service.ts";
import { decodeText } from "../../source/git/git.ts";
import { readFilesOf } from "../releasing/files-by-service.ts";
import { measureReleases } from "../history/measure-releases.ts";
import { replay } from "../history/replay-command.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Number of commits to replay before the first release, and of releases to measure after it. */
const limits = { commits: 100, releases: 20 } as const;

/** Decisions of `slipway init` that the guides describe. */
export interface GuideRequest {
  readonly repository: string;
  readonly url: string | undefined;
  readonly trunk: string;
  readonly workflow: string;
  readonly layout: GuideFacts["layout"];
  readonly releasedOn: GuideFacts["releasedOn"];
  readonly usesSemanticRelease: boolean;
  /** Paths that `slipway init` itself writes. They are left out of all counts, so that writing them changes no number in the guides. */
  readonly written: ReadonlySet<string>;
}

/** Reads the facts for the guides: the repository's services and files, and numbers measured in its releases or its history. */
export async function readGuideFacts(workspace: Workspace, request: GuideRequest): Promise<GuideFacts> {
  const { project } = workspace;
  const { usesSemanticRelease, written, ...known } = request;
  const sizes = new Map([...(await readSizes(workspace))].filter(([path]) => !written.has(path)));
  const [files, measured] = await Promise.all([
    Promise.all(project.services.map((service) => readFilesOf(workspace, service))),
    measure(workspace),
  ]);
  return {
    ...known,
    services: project.services.map((service, index) => describe(service, files[index], sizes)),
    groups: project.groups,
    releases: project.releases,
    versions: usesSemanticRelease ? "semantic-release" : versionsFrom(workspace),
    tracked: extentOf(sizes.keys(), sizes),
    measured,
  };
}

function versionsFrom({ project }: Workspace): GuideFacts["versions"] {
  const kind = project.version?.kind;
  return kind === undefined || kind === "tag" ? "tags" : kind;
}

function describe(
  service: Service,
  files: ReadonlySet<string> | undefined,
  sizes: ReadonlyMap<string, number | null>,
): GuideService {
  const { name, group, dockerfile, platforms, images, tags, needs } = service;
  return {
    name,
    group,
    dockerfile,
    platforms,
    images,
    tags,
    needs,
    reads: files === undefined ? null : extentOf(files, sizes),
    caches: platforms.map((platform) => ({
      scope: cacheScope({ service: name, platform }),
      tag: cacheTag(name, platform),
    })),
  };
}

/** Count and size of the paths that are committed files; other paths do not count. */
function extentOf(paths: Iterable<string>, sizes: ReadonlyMap<string, number | null>): Extent {
  const found = [...paths].flatMap((path) => {
    const size = sizes.get(path);
    return size === undefined ? [] : [size];
  });
  const known = found.filter((size) => size !== null);
  return {
    files: found.length,
    bytes: known.length < found.length ? null : known.reduce((all, size) => all + size, 0),
  };
}

/** Sizes of the commit's files in bytes. A size is null in a partial clone, because git would have to fetch every blob to know it. */
async function readSizes({ repository }: Workspace): Promise<ReadonlyMap<string, number | null>> {
  const isPartial = repository.promisor !== undefined;
  const listed = decodeText(
    await repository.git(["ls-tree", "-r", ...(isPartial ? [] : ["-l"]), "-z", repository.commit]),
  );
  const sizes = new Map<string, number | null>();
  for (const entry of listed.split("\0")) {
    const [, size, path] = /^\d+ blob [0-9a-f]+(?: +(\d*))?\t(.*)$/s.exec(entry) ?? [];
    if (path !== undefined) sizes.set(path, size === "" || size === undefined ? null : Number(size));
  }
  return sizes;
}

/** Measures the last releases; if there are none, replays past commits; if that fails too, says why. */
async function measure(workspace: Workspace): Promise<MeasuredNumbers> {
  const quiet: Workspace = { ...workspace, emit: ignore };
  const releases = await measureReleases(quiet, limits.releases).catch((error: unknown) => {
    if (isFatal(error)) throw error;
    // The registry cannot be read. The git history can still be measured.
    return [];
  });
  if (releases.length > 0) return { kind: "releases", releases };
  try {
    const { totals, services } = await replay(quiet, { commits: limits.commits, buildSeconds: undefined });
    const { commits, built, reused, missedByFolder } = totals;
    if (commits < 2) return { kind: "nothing", because: "there is one commit, so that nothing has changed yet" };
    return { kind: "replay", replay: { commits, built, reused, missedByFolder, services } };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { kind: "nothing", because: errorMessage(error) };
  }
}

const ignore: Emit = () => undefined;

/** Whether an error must not be swallowed: an interruption, or an unexpected error. */
function isFatal(error: unknown): boolean {
  return !(error instanceof SlipwayError) || isInterruption(error);
}
