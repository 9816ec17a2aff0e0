import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import { renderCount, renderDuration } from "../model/units.ts";
import { type NotesCommit, renderCommits } from "./commits.ts";
import { codeSpan, escapeMarkdown } from "./markdown.ts";
import { renderPull } from "./pull.ts";
import { renderServiceTable } from "./service-table.ts";
import { parseSourceLinks, type SourceLinks } from "./source-links.ts";

export type { NotesCommit } from "./commits.ts";

/** What release notes are made from. */
export interface NotesInput {
  readonly release: ReleaseManifest;
  /** The release before it in the same line: for what changed in size and content. */
  readonly previous?: ReleaseManifest | undefined;
  /** Commits since then, newest first, with the services whose inputs they touched. */
  readonly commits: readonly NotesCommit[];
  /** Where commits can be looked at; default the release's source. Links are made for github.com. */
  readonly sourceUrl?: string | undefined;
}

/**
 * The release notes as GitHub's Markdown: what was shipped and what became of each service, how to pull it by tag and by
 * digest, the commits since the last release by service, and how it was made. The same input gives the same text.
 */
export function renderNotes(input: NotesInput): string {
  const { release, previous } = input;
  const links = parseSourceLinks(input.sourceUrl ?? release.source);
  const blocks = [
    renderLead(release, previous),
    renderServiceTable(release, previous, links),
    ...renderGone(release, previous),
    ...renderPull(release.services),
    ...renderCommits(release, previous, input.commits, links),
    ...renderBuild(release, previous, links),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The name people know a release by: its version, or its branch and commit. */
export function releaseName({ subject, commit }: Pick<ReleaseManifest, "subject" | "commit">): string {
  return subject.kind === "version" ? subject.version : `${subject.branch} ${commit.slice(0, 7)}`;
}

/** The sentence that an operator reads first: what is other than before. */
function renderLead(release: ReleaseManifest, previous: ReleaseManifest | undefined): string {
  const changed = previous === undefined ? undefined : changedServices(release, previous);
  const total = renderCount(release.services.length, "service");
  if (previous === undefined || changed === undefined) return `**${total}**, ${countOrigins(release.services)}.`;
  const before = codeSpan(releaseName(previous));
  if (changed.length === 0) return `**Nothing that runs changes**: all ${total} have the same digest as in ${before}.`;
  const names = changed.map(({ service }) => `**${escapeMarkdown(service)}**`).join(", ");
  const verb = changed.length === 1 ? "differs" : "differ";
  const rest = release.services.length - changed.length;
  const same = rest === 0 ? "" : `; the other ${rest === 1 ? "one keeps its" : `${rest} keep their`} digest`;
  return `${names} ${verb} from ${before}${same}.`;
}

function changedServices(release: ReleaseManifest, previous: ReleaseManifest): ReleasedService[] {
  const before = new Map(previous.services.map(({ service, digest }) => [service, digest]));
  return release.services.filter(({ service, digest }) => before.get(service) !== digest);
}

function countOrigins(services: readonly ReleasedService[]): string {
  return (["built", "reused", "kept"] as const)
    .map((origin) => ({ origin, count: services.filter((service) => service.origin === origin).length }))
    .filter(({ count }) => count > 0)
    .map(({ origin, count }) => `${count} ${origin}`)
    .join(", ");
}

/** Services that the release before had: whoever deploys must know. */
function renderGone(release: ReleaseManifest, previous: ReleaseManifest | undefined): string[] {
  const now = new Set(release.services.map(({ service }) => service));
  const gone = (previous?.services ?? []).filter(({ service }) => !now.has(service));
  if (gone.length === 0) return [];
  return [`No longer released: ${gone.map(({ service }) => `**${escapeMarkdown(service)}**`).join(", ")}.`];
}

/** How the release was made, and how to go back. */
function renderBuild(
  release: ReleaseManifest,
  previous: ReleaseManifest | undefined,
  links: SourceLinks | undefined,
): string[] {
  const built = release.services.filter(({ buildSeconds }) => buildSeconds !== null);
  const slowest = [...built].sort((left, right) => (right.buildSeconds ?? 0) - (left.buildSeconds ?? 0))[0];
  const total = built.reduce((sum, { buildSeconds }) => sum + (buildSeconds ?? 0), 0);
  const facts = [
    `Commit ${commitLink(release.commit, links)}`,
    `Released ${release.releasedAt}`,
    `Services: ${countOrigins(release.services)}`,
    ...(slowest === undefined
      ? []
      : [
          `Build time: ${renderDuration(total)} in all, slowest ${escapeMarkdown(slowest.service)} ` +
            `with ${renderDuration(slowest.buildSeconds ?? 0)}`,
        ]),
    ...(release.group === "default" ? [] : [`Release group ${codeSpan(release.group)}`]),
    ...(previous?.subject.kind === "version"
      ? [`To go back: ${codeSpan(`slipway rollback ${previous.subject.version}`)}`]
      : []),
  ];
  return ["## Build", facts.map((fact) => `- ${fact}`).join("\n")];
}

function commitLink(sha: string, links: SourceLinks | undefined): string {
  const short = codeSpan(sha.slice(0, 7));
  return links === undefined ? codeSpan(sha) : `[${short}](${links.commit(sha)})`;
}
