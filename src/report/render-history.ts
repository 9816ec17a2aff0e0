import { renderCsv } from "../formats/csv.ts";
import type { HistoryDocument, HistoryRelease, HistoryService, KnownSum } from "../model/history-document.ts";
import { renderCount, renderDuration, renderOrigins } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** Renders a line a release, then what was built and why, and the sums with what is not known of them. */
export function renderHistory({ releases, totals, notes }: HistoryDocument, style: Style): string {
  if (releases.length === 0)
    return ["no releases", ...notes.map((note) => `${style.cyan("note:")} ${note}`)].join("\n");
  const head = ["RELEASED", "RELEASE", "SERVICES", "BUILDERS", "SAVED", "QUEUED", "JOBS"];
  const rows = releases.map((release): Cell[] => [
    { text: release.releasedAt.slice(0, 16).replace("T", " "), paint: style.dim },
    { text: nameOf(release), paint: style.bold },
    renderOrigins(release.services),
    seconds(sumKnown(release.services, "built", "builderSeconds")),
    seconds(sumKnown(release.services, "reused", "savedSeconds")),
    seconds(release.run?.queueSeconds ?? null),
    seconds(release.run?.jobSeconds ?? null),
  ]);
  return [
    renderTable(rows, style, { head, right: [3, 4, 5, 6], flexible: 1 }),
    ...releases.flatMap((release) => renderBuilt(release, style)),
    [
      `${renderCount(totals.releases, "release")}: ${totals.built} built, ${totals.reused} reused, ${totals.kept} kept`,
      `builders worked ${renderKnown(totals.builderSeconds)}; reuse saved ${renderKnown(totals.savedSeconds)} of machine time`,
      ...notes.map((note) => `${style.cyan("note:")} ${note}`),
    ].join("\n"),
  ].join("\n\n");
}

/** Renders a row for each release and service. What is not known is an empty cell. */
export function renderHistoryCsv({ releases }: HistoryDocument): string {
  const head = [
    "released_at",
    "release",
    "group",
    "commit",
    "run",
    "queue_seconds",
    "job_seconds",
    "service",
    "origin",
    "reason",
    "because",
    "build_seconds",
    "builder_seconds",
    "saved_seconds",
    "instructions",
    "cached_instructions",
    "bytes",
    "digest",
  ];
  const rows = releases.flatMap((release) =>
    release.services.map(({ service, origin, work, buildSeconds, platforms, digest }) => [
      release.releasedAt,
      nameOf(release),
      release.group,
      release.commit,
      release.run?.id ?? null,
      release.run?.queueSeconds ?? null,
      release.run?.jobSeconds ?? null,
      service,
      origin,
      work?.reason?.kind ?? null,
      work?.reason?.text ?? null,
      buildSeconds,
      work?.builderSeconds ?? null,
      work?.savedSeconds ?? null,
      work?.vertices?.all ?? null,
      work?.vertices?.cached ?? null,
      platforms.reduce((sum, { size }) => sum + size, 0),
      digest,
    ]),
  );
  return renderCsv([head, ...rows]);
}

function nameOf({ version, branch, commit, group }: HistoryRelease): string {
  const name = version ?? `${branch ?? ""} ${commit.slice(0, 7)}`.trim();
  return group === "default" ? name : `${group} ${name}`;
}

/** What a release built: an own line each, with the reason. */
function renderBuilt(release: HistoryRelease, style: Style): string[] {
  const built = release.services.filter(({ origin }) => origin === "built");
  if (built.length === 0) return [];
  const rows = built.map(({ service, work, buildSeconds }): Cell[] => [
    service,
    buildSeconds === null ? notKnown : renderDuration(buildSeconds),
    work?.vertices === null || work === null ? "" : `${work.vertices.cached}/${work.vertices.all} cached`,
    work?.reason?.text ?? notKnown,
  ]);
  return [`${style.bold(nameOf(release))} built:\n${renderTable(rows, style, { right: [1], indent: 2 })}`];
}

const notKnown = "not known";

function sumKnown(
  services: readonly HistoryService[],
  origin: HistoryService["origin"],
  field: "builderSeconds" | "savedSeconds",
): number | null | "none" {
  const own = services.filter((each) => each.origin === origin);
  if (own.length === 0) return "none";
  const known = own.map(({ work }) => work?.[field] ?? null);
  return known.includes(null) ? null : known.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

function seconds(value: number | null | "none"): string {
  if (value === "none") return "";
  return value === null ? notKnown : renderDuration(value);
}

function renderKnown({ seconds: sum, known, unknown }: KnownSum): string {
  if (known + unknown === 0) return "nothing";
  if (sum === null) return `a time that is not known (${renderCount(unknown, "service")})`;
  const more = unknown === 0 ? "" : ` (not known of ${unknown} of ${renderCount(known + unknown, "service")})`;
  return `${renderDuration(sum)}${more}`;
}
