import { addTo } from "../model/lists.ts";
import type { ReleaseManifest } from "../model/release.ts";
import { byKey } from "../model/order.ts";
import { codeSpan, escapeMarkdown } from "../formats/markdown.ts";
import type { SourceLinks } from "./source-links.ts";

/** A commit since the release before, and the services whose inputs it touched. */
export interface NotesCommit {
  readonly sha: string;
  readonly subject: string;
  /** ISO 8601. */
  readonly at: string;
  readonly services: readonly string[];
}

/** The most commits of a group, so that a first release with a long history fits GitHub's limit (125,000 characters). */
const shownCommits = 50;

/** Renders commits by service. Commits that touched several are under "Several services", those that touched none under "Other". */
export function renderCommits(
  release: ReleaseManifest,
  previous: ReleaseManifest | undefined,
  commits: readonly NotesCommit[],
  links: SourceLinks | undefined,
): string[] {
  if (commits.length === 0) return [];
  const since = previous === undefined ? "" : ` since ${sinceName(previous)}`;
  const compare =
    previous === undefined || links === undefined
      ? []
      : [`[All changes](${links.compare(previous.commit, release.commit)})`];
  return [`## Changes${since}`, ...groups(commits).flatMap((group) => renderGroup(group, links)), ...compare];
}

function sinceName({ subject, commit }: ReleaseManifest): string {
  return subject.kind === "version" ? escapeMarkdown(subject.version) : codeSpan(commit.slice(0, 7));
}

interface Group {
  readonly title: string;
  readonly commits: readonly NotesCommit[];
  readonly namesServices: boolean;
}

function groups(commits: readonly NotesCommit[]): Group[] {
  const own = new Map<string, NotesCommit[]>();
  const several: NotesCommit[] = [];
  const other: NotesCommit[] = [];
  for (const commit of commits) {
    const [service, ...more] = new Set(commit.services);
    if (service === undefined) other.push(commit);
    else if (more.length > 0) several.push(commit);
    else addTo(own, service, commit);
  }
  const named = [...own].sort(byKey(([service]) => service));
  return [
    ...named.map(([service, commits]) => ({ title: escapeMarkdown(service), commits, namesServices: false })),
    { title: "Several services", commits: several, namesServices: true },
    { title: "Other", commits: other, namesServices: false },
  ].filter(({ commits }) => commits.length > 0);
}

function renderGroup(group: Group, links: SourceLinks | undefined): string[] {
  const shown = group.commits.slice(0, shownCommits).map((commit) => renderCommit(commit, group.namesServices, links));
  const hidden = group.commits.length - shown.length;
  return [`### ${group.title}`, [...shown, ...(hidden > 0 ? [`- and ${hidden} more`] : [])].join("\n")];
}

function renderCommit(commit: NotesCommit, namesServices: boolean, links: SourceLinks | undefined): string {
  const short = codeSpan(commit.sha.slice(0, 7));
  const sha = links === undefined ? short : `[${short}](${links.commit(commit.sha)})`;
  const services = namesServices ? ` (${[...new Set(commit.services)].map(escapeMarkdown).join(", ")})` : "";
  return `- ${escapeMarkdown(commit.subject)} ${sha}${services}`;
}
