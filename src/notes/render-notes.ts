import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import { type KeylessSigners, verifyCommands } from "../model/verify-commands.ts";
import { renderCount, renderDuration, renderOrigins } from "../model/units.ts";
import { type NotesCommit, renderCommits } from "./commits.ts";
import { codeBlock, codeSpan, escapeMarkdown } from "../formats/markdown.ts";
import { renderPackageChanges, type ServicePackages } from "./package-changes.ts";
import { renderPull } from "./pull.ts";
import { renderSizeGrowth, type ServiceGrowth } from "./size-growth.ts";
import { renderServiceTable } from "./service-table.ts";
import { parseSourceLinks, type SourceLinks } from "./source-links.ts";

export type { NotesCommit } from "./commits.ts";

/** The input of release notes. */
export interface NotesInput {
  readonly release: ReleaseManifest;
  /** The release before it in the same line, to compare sizes and content. */
  readonly previous?: ReleaseManifest | undefined;
  /** Images that changed since then, by layer; default: none is shown. */
  readonly growth?: readonly ServiceGrowth[] | undefined;
  /** Images that changed since then and have an SBOM; default: none is shown. */
  readonly packages?: readonly ServicePackages[] | undefined;
  /** Commits since then, newest first, with the services whose inputs they touched. */
  readonly commits: readonly NotesCommit[];
  /** Who signed the images: `key`, or a workflow. Undefined: it is not certain that each of them is signed, and no command is shown. */
  readonly signed?: KeylessSigners | "key" | undefined;
  /** The web address for links to commits; default: the release's source. Links are made for github.com. */
  readonly sourceUrl?: string | undefined;
}

/**
 * Renders release notes as GitHub's Markdown: the images and the result of each service, how to pull them by tag and digest, the commits
 * since the last release by service, and how the release was made. Equal input gives equal text.
 */
export function renderNotes(input: NotesInput): string {
  const { release, previous } = input;
  const links = parseSourceLinks(input.sourceUrl ?? release.source);
  const blocks = [
    renderLead(release, previous),
    ...renderServiceTable(release, previous, links),
    ...renderPull(release.services),
    ...renderVerify(release.services, input.signed),
    ...(previous === undefined ? [] : renderSizeGrowth(input.growth ?? [], codeSpan(releaseName(previous)))),
    ...(previous === undefined ? [] : renderPackages(input.packages ?? [], previous)),
    ...renderCommits(release, previous, input.commits, links),
    ...renderBuild(release, previous, links),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** Commands that verify each image, folded, because they are long. */
function renderVerify(services: readonly ReleasedService[], signed: NotesInput["signed"]): string[] {
  if (signed === undefined || services.length === 0) return [];
  const signers = signed === "key" ? undefined : signed;
  return [
    "<details><summary>Verify who built them</summary>",
    ...services.map(({ images: [name], digest }) => codeBlock(verifyCommands(`${name}@${digest}`, signers))),
    "</details>",
  ];
}

function renderPackages(packages: readonly ServicePackages[], previous: ReleaseManifest): string[] {
  const name = releaseName(previous);
  return renderPackageChanges(
    packages,
    name,
    (service) => `slipway sbom ${service} --diff ${nameForCommands(previous)}`,
  );
}

/** Renders the essential part: the changes, and the table of images. */
export function renderShortNotes({ release, previous, sourceUrl }: Omit<NotesInput, "commits">): string {
  const links = parseSourceLinks(sourceUrl ?? release.source);
  return `${[renderLead(release, previous), ...renderServiceTable(release, previous, links)].join("\n\n")}\n`;
}

/** The name people know a release by: its version, or its branch and commit. */
function releaseName({ subject, commit }: Pick<ReleaseManifest, "subject" | "commit">): string {
  return subject.kind === "version" ? subject.version : `${subject.branch} ${commit.slice(0, 7)}`;
}

/** Renders the first sentence: the changes since the last release. */
function renderLead(release: ReleaseManifest, previous: ReleaseManifest | undefined): string {
  const { services } = release;
  if (services.length === 0) return "**No services** are released.";
  const total = renderCount(services.length, "service");
  if (previous === undefined) return `**${total}**: ${renderOrigins(services)}.`;
  const before = new Map(previous.services.map(({ service, digest }) => [service, digest]));
  const now = new Set(services.map(({ service }) => service));
  const added = services.filter(({ service }) => !before.has(service));
  const changed = services.filter(({ service, digest }) => before.has(service) && before.get(service) !== digest);
  const gone = previous.services.filter(({ service }) => !now.has(service));
  const name = codeSpan(releaseName(previous));
  const same = services.length - added.length - changed.length;
  if (same === services.length && gone.length === 0) {
    const all = same === 1 ? "the service has" : `all ${total} have`;
    return `**Nothing that runs changes**: ${all} the same digest as in ${name}.`;
  }
  const parts = [
    ...(changed.length === 0 ? [] : [`${listServices(changed)} changed`]),
    ...(added.length === 0 ? [] : [`${listServices(added)} ${added.length === 1 ? "is" : "are"} new`]),
    ...(gone.length === 0 ? [] : [`${listServices(gone)} ${gone.length === 1 ? "is" : "are"} no longer released`]),
    ...(same === 0 ? [] : [`${renderCount(same, "service")} ${same === 1 ? "keeps its" : "keep their"} digest`]),
  ];
  return `Since ${name}: ${parts.join("; ")}.`;
}

function listServices(services: readonly ReleasedService[]): string {
  const names = services.map(({ service }) => `**${escapeMarkdown(service)}**`);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

/** How the release was made, and how to go back. */
function renderBuild(
  release: ReleaseManifest,
  previous: ReleaseManifest | undefined,
  links: SourceLinks | undefined,
): string[] {
  const built = release.services.filter(({ buildSeconds }) => buildSeconds !== null);
  const slowest = [...built].sort((left, right) => (right.buildSeconds ?? 0) - (left.buildSeconds ?? 0))[0];
  const facts = [
    `Commit ${commitLink(release.commit, links)}`,
    `Released ${release.releasedAt.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC")}`,
    ...(release.services.length === 0 ? [] : [`Services: ${renderOrigins(release.services)}`]),
    ...(slowest === undefined ? [] : [renderBuildTime(slowest, built)]),
    ...(release.group === "default" ? [] : [`Release group ${codeSpan(release.group)}`]),
    ...(previous === undefined ? [] : [`To go back: ${codeSpan(rollbackCommand(previous))}`]),
  ];
  return ["## Build", facts.map((fact) => `- ${fact}`).join("\n")];
}

function renderBuildTime(slowest: ReleasedService, built: readonly ReleasedService[]): string {
  const service = escapeMarkdown(slowest.service);
  const longest = renderDuration(slowest.buildSeconds ?? 0);
  if (built.length === 1) return `Build time: ${longest} (${service})`;
  const total = built.reduce((sum, { buildSeconds }) => sum + (buildSeconds ?? 0), 0);
  return `Build time: ${renderDuration(total)} in all, slowest ${service} with ${longest}`;
}

function rollbackCommand(release: ReleaseManifest): string {
  return `slipway rollback ${nameForCommands(release)}`;
}

/** A release as commands take it, with its group. */
function nameForCommands({ subject, commit, group }: ReleaseManifest): string {
  const to = subject.kind === "version" ? subject.version : commit.slice(0, 12);
  return `${to}${group === "default" ? "" : ` --group ${group}`}`;
}

function commitLink(sha: string, links: SourceLinks | undefined): string {
  const short = codeSpan(sha.slice(0, 7));
  return links === undefined ? codeSpan(sha) : `[${short}](${links.commit(sha)})`;
}
