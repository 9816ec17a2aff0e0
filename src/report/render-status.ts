import { addTo } from "../model/lists.ts";
import type { ReleaseStatus, Status, TagStatus } from "../model/status-document.ts";
import { byKey } from "../model/order.ts";
import { renderAge, renderCount, renderOrigins } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";
import { shortDigest } from "./text.ts";

/** Renders releases, the images of the newest of each group, the places of moving tags, and unfinished records. */
export function renderStatus(status: Status, style: Style, now: string): string {
  if (status.releases.length === 0) return "no releases yet";
  const names = new Map(status.releases.flatMap(namesOf));
  const newest = status.releases.filter(
    (release, at) => status.releases.findIndex(({ group }) => group === release.group) === at,
  );
  return [
    ...renderHeld(status, names, style),
    renderReleases(status, style, now),
    ...newest.map((release) => renderShipped(release, style)),
    ...renderMovingTags(status.tags, names, style),
    ...renderRollbacks(status, names, style, now),
    ...renderAbandonments(status, names, style, now),
    ...renderUnfinished(status, names, style),
    ...renderSpoilt(status, names, style),
  ].join("\n\n");
}

/** Renders releases that rollbacks hold, a line each with the moving tags. They come first, since users pull these now. */
function renderHeld({ tags }: Status, names: ReadonlyMap<string, string>, style: Style): string[] {
  const held = new Map<string, Set<string>>();
  for (const { kind, release, rollback, tag } of tags) {
    if (kind === "moving" && rollback !== null) held.set(release, (held.get(release) ?? new Set()).add(tag));
  }
  return [...held].map(([release, own]) => {
    const what = `${[...own].sort().join(", ")} ${own.size === 1 ? "ships" : "ship"} ${names.get(release) ?? release}`;
    return `${style.yellow("rolled back:")} ${style.bold(what)}, until something newer is released`;
  });
}

/** Names of a release: its record, and the name for the command line. */
function namesOf(release: ReleaseStatus): [string, string][] {
  const { record, version, group } = release;
  const name = nameOf(release);
  return version === null || group !== "default"
    ? [[record, name]]
    : [
        [record, name],
        [version, name],
      ];
}

function nameOf({ version, branch, commit, group }: ReleaseStatus): string {
  const name = version ?? `${branch ?? ""} ${commit.slice(0, 7)}`.trim();
  return group === "default" ? name : `${group} ${name}`;
}

function renderReleases({ releases }: Status, style: Style, now: string): string {
  const rows = releases.map((release): Cell[] => [
    { text: nameOf(release), paint: style.bold },
    release.commit.slice(0, 7),
    ago(release.releasedAt, now),
    renderOrigins(release.services),
    stateCell(release, style),
  ]);
  return renderTable(rows, style, { head: ["RELEASE", "COMMIT", "RELEASED", "SERVICES", ""], flexible: 0 });
}

function stateCell({ state }: ReleaseStatus, style: Style): Cell {
  switch (state) {
    case "finished":
      return "";
    case "unfinished":
      return { text: "tags unfinished", paint: style.yellow };
    case "spoilt":
      return { text: "spoilt", paint: style.red };
    case "abandoned":
      return { text: "abandoned", paint: style.dim };
  }
}

function ago(then: string, now: string): string {
  const age = renderAge((Date.parse(now) - Date.parse(then)) / 1000);
  return age === "now" ? "now" : `${age} ago`;
}

function renderShipped(release: ReleaseStatus, style: Style): string {
  const rows = release.services.map((service): Cell[] => [
    { text: service.service, paint: style.bold },
    shortDigest(service.digest),
    renderAge(service.ageSeconds),
    service.origin === "built" ? "built" : `${service.origin} from ${service.commit.slice(0, 7)}`,
  ]);
  const head = ["SERVICE", "DIGEST", "AGE", "IMAGE"];
  return `${nameOf(release)} ships\n${renderTable(rows, style, { head, indent: 2, flexible: 0 })}`;
}

/** Renders moving tags: one line for a tag name and release if all is well, else one for each image. */
function renderMovingTags(tags: readonly TagStatus[], names: ReadonlyMap<string, string>, style: Style): string[] {
  const groups = new Map<string, TagStatus[]>();
  for (const tag of tags.filter(({ kind, wrong }) => kind === "moving" && wrong === null)) {
    const key = `${tag.tag} ${tag.release}`;
    addTo(groups, key, tag);
  }
  const right = [...groups.values()].flatMap((group): Cell[][] => {
    const [first] = group;
    if (first === undefined) return [];
    const held = first.rollback === null ? "" : { text: "held by a rollback", paint: style.yellow };
    const release = names.get(first.release) ?? first.release;
    return [[first.tag, `at ${release}`, { text: renderCount(group.length, "image"), paint: style.dim }, held]];
  });
  const wrong = [...tags]
    .filter((tag) => tag.wrong !== null)
    .sort(byKey(({ image, tag }) => `${image}:${tag}`))
    .map((tag): Cell[] => [
      { text: `${tag.image}:${tag.tag}`, paint: style.red },
      tag.isAt === null ? "is missing" : `is at ${shortDigest(tag.isAt)}`,
      `belongs at ${shortDigest(tag.belongsAt)} (${names.get(tag.release) ?? tag.release})`,
      { text: tag.wrong ?? "", paint: style.dim },
    ]);
  return [
    ...(right.length === 0 ? [] : [`moving tags\n${renderTable(right, style, { indent: 2 })}`]),
    ...(wrong.length === 0 ? [] : [`not where they belong\n${renderTable(wrong, style, { indent: 2 })}`]),
  ];
}

function renderRollbacks(
  { rollbacks }: Status,
  names: ReadonlyMap<string, string>,
  style: Style,
  now: string,
): string[] {
  if (rollbacks.length === 0) return [];
  const rows = rollbacks.map(({ to, decidedAt }): Cell[] => [`to ${names.get(to) ?? to}`, ago(decidedAt, now)]);
  return [`rollbacks\n${renderTable(rows, style, { indent: 2 })}`];
}

function renderAbandonments(
  { abandonments }: Status,
  names: ReadonlyMap<string, string>,
  style: Style,
  now: string,
): string[] {
  if (abandonments.length === 0) return [];
  const rows = abandonments.map(({ release, abandonedAt }): Cell[] => [
    names.get(release) ?? release,
    ago(abandonedAt, now),
  ]);
  return [`abandoned\n${renderTable(rows, style, { indent: 2 })}`];
}

/** Spoilt releases and the way out. Only the command that put the other image under a version tag repairs it, when it is repeated. */
function renderSpoilt({ spoilt }: Status, names: ReadonlyMap<string, string>, style: Style): string[] {
  if (spoilt.length === 0) return [];
  const list = spoilt.map((record) => names.get(record) ?? record).join(", ");
  const [first = ""] = spoilt;
  const aside = `slipway abandon ${commandName(first, names)}`;
  return [
    `${style.red("spoilt:")} ${list}: version tags hold other images than the record says\n${style.cyan("hint:")} where two runs released it at once, run both commands again; else put it aside with \`${aside}\``,
  ];
}

function commandName(record: string, names: ReadonlyMap<string, string>): string {
  const name = names.get(record);
  return name === undefined || name.includes(" ") ? record : name;
}

/** The most records in one line. */
const mostUnfinished = 20;

function renderUnfinished(
  { unfinished: all, spoilt }: Status,
  names: ReadonlyMap<string, string>,
  style: Style,
): string[] {
  const unfinished = all.filter((record) => !spoilt.includes(record));
  if (unfinished.length === 0) return [];
  const shown = unfinished.slice(-mostUnfinished).map((record) => names.get(record) ?? record);
  const more = unfinished.length - shown.length;
  const list = `${shown.join(", ")}${more === 0 ? "" : `, and ${more} older ones`}`;
  return [
    `${style.yellow("unfinished:")} ${list}\n${style.cyan("hint:")} the same command again, or any later release or rollback, finishes it`,
  ];
}
