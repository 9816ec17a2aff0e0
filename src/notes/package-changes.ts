import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import type { Platform } from "../model/platform.ts";
import type { PackageChanges, SbomChanges } from "../model/sbom-document.ts";
import { renderCount } from "../model/units.ts";

/** How the packages of one service's image changed since an earlier release. */
export interface ServicePackages {
  readonly service: string;
  readonly platform: Platform;
  /** Number of packages now. */
  readonly packages: number;
  /** Null: the earlier image has no SBOM. */
  readonly changes: Omit<SbomChanges, "since"> | null;
}

/** Number of packages that are named of one image; the command lists all. */
const mostRows = 100;

/**
 * Renders a line for each service, and a folded table of the packages that changed. Empty: no image with an SBOM changed. `since`: the
 * earlier release; `command`: prints all changes of a service, given its name.
 */
export function renderPackageChanges(
  services: readonly ServicePackages[],
  since: string,
  command: (service: string) => string,
): string[] {
  if (services.length === 0) return [];
  const lines = services.map((each) => `- **${escapeMarkdown(each.service)}**: ${describeChanges(each, since)}`);
  const tables = services.flatMap((each) => renderFolded(each, command));
  return ["## Packages", lines.join("\n"), ...tables];
}

function describeChanges({ packages, changes }: ServicePackages, since: string): string {
  const total = renderCount(packages, "package");
  if (changes === null) return `${total}; the image of ${codeSpan(since)} has no SBOM to compare with`;
  const ofBase = changes.base === null ? "" : `; base: ${countEach(changes.base)}`;
  return `${total}; ${countEach(changes.service)}${ofBase}`;
}

function countEach({ added, removed, changed, otherContent }: PackageChanges): string {
  const parts = [
    ...(added.length === 0 ? [] : [`${added.length} added`]),
    ...(removed.length === 0 ? [] : [`${removed.length} removed`]),
    ...(changed.length === 0 ? [] : [`${changed.length} changed`]),
    ...(otherContent.length === 0 ? [] : [`${otherContent.length} with other content`]),
  ];
  return parts.length === 0 ? "none changed" : parts.join(", ");
}

function renderFolded({ service, changes }: ServicePackages, command: (service: string) => string): string[] {
  if (changes === null) return [];
  const rows = [...rowsOf(changes.service, ""), ...(changes.base === null ? [] : rowsOf(changes.base, "base"))];
  if (rows.length === 0) return [];
  const head = [{ title: "Package" }, { title: "Before" }, { title: "After" }, { title: "From" }];
  const more = rows.length - mostRows;
  const rest = more > 0 ? [`and ${more} more: ${codeSpan(command(service))}`] : [];
  const summary = `<summary>${escapeMarkdown(service)}: ${renderCount(rows.length, "package")}</summary>`;
  return [
    ["<details>", summary, "", renderMarkdownTable(head, rows.slice(0, mostRows)), ...rest, "", "</details>"].join(
      "\n",
    ),
  ];
}

function rowsOf({ added, removed, changed, otherContent }: PackageChanges, from: string): string[][] {
  const row = (id: string, before: readonly string[], after: readonly string[]): string[] => [
    codeSpan(id),
    before.map(versionCell).join(" "),
    after.map(versionCell).join(" "),
    from,
  ];
  return [
    ...changed.map(({ id, before, after }) => row(id, before, after)),
    ...added.map(({ id, version }) => row(id, [], [version])),
    ...removed.map(({ id, version }) => row(id, [version], [])),
    ...otherContent.map(({ id, version }) => row(id, [version], [`${version} (other content)`])),
  ];
}

function versionCell(version: string): string {
  return version === "" ? "" : codeSpan(version);
}
