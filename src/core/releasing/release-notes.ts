import type { ReleaseManifest } from "../../model/release.ts";
import type { NotesCommit } from "../../notes/render-notes.ts";
import { renderNotes } from "../../notes/render-notes.ts";
import type { StoredRelease } from "../../records/records.ts";
import { readReleaseGrowth } from "../layers/release-growth.ts";
import { readReleasePackages } from "../sboms/release-packages.ts";
import { whoSigned } from "../attesting/who-signed.ts";
import type { ServiceResult } from "../building/service-result.ts";
import { filesByService } from "./files-by-service.ts";
import { readReleaseBefore } from "../planning/release-history.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Renders the notes of releases as one text, one group after the other. `known`: a release that was read already. */
export async function renderReleaseNotes(
  workspace: Workspace,
  releases: readonly StoredRelease[],
  results: readonly ServiceResult[],
  known?: StoredRelease,
): Promise<string> {
  const released = releases.flatMap(({ manifest }) => manifest.services.map(({ service }) => service));
  const files = await filesByService(workspace, new Set(released), results);
  const texts = await Promise.all(
    releases.map(async ({ manifest }) => {
      const reading =
        known !== undefined && known.name.tag === manifest.previous?.record
          ? Promise.resolve(known.manifest)
          : readReleaseBefore(workspace, manifest);
      const [previous, growth, packages, commits] = await Promise.all([
        reading,
        reading.then((before) => readReleaseGrowth(workspace, manifest.services, before)),
        reading.then((before) => readReleasePackages(workspace, manifest, before)),
        readCommits(workspace, manifest, files),
      ]);
      return renderNotes({ release: manifest, previous, growth, packages, commits, signed: whoSigned(workspace) });
    }),
  );
  return texts.join("\n");
}

/** Whether the clone has a commit. A record may name a commit of a rewritten branch, or one that this clone never fetched. */
function isInClone(repository: Workspace["repository"], commit: string): Promise<boolean> {
  return repository.resolve(commit).then(
    () => true,
    () => false,
  );
}

/** Commits since the release before. If the clone lacks the history, returns none and warns how to fetch it. */
async function readCommits(
  { repository, emit }: Workspace,
  manifest: ReleaseManifest,
  files: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<NotesCommit[]> {
  const since = manifest.previous?.commit ?? null;
  if (repository.shallow) {
    const message = "the notes name no commits: the clone is shallow; `git fetch --unshallow` fetches the history";
    emit({ kind: "warning", message });
    return [];
  }
  for (const commit of since === null ? [manifest.commit] : [manifest.commit, since]) {
    if (await isInClone(repository, commit)) continue;
    const message = `the notes name no commits: ${commit} is not in this clone; \`git fetch\` may bring it`;
    emit({ kind: "warning", message });
    return [];
  }
  const commits = await repository.commitsBetween(since, manifest.commit);
  const released = new Set(manifest.services.map(({ service }) => service));
  return commits.map(({ sha, subject, at, files: touched }) => ({
    sha,
    subject,
    at,
    services: [...files]
      .filter(([name, own]) => released.has(name) && touched.some((path) => own.has(path)))
      .map(([name]) => name),
  }));
}
