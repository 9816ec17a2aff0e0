import type {
  AbandonDocument,
  BuildDocument,
  BuiltService,
  ReleaseDocument,
  RollbackDocument,
} from "../model/documents.ts";
import { renderCount } from "../model/units.ts";
import { renderPlan } from "./render-plan.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";
import { shortDigest } from "./text.ts";

/** For `slipway build`: where each image is, by digest. */
export function renderBuildResult({ services }: BuildDocument, style: Style): string {
  return renderTable(
    services.map((service) => serviceRow(service, style)),
    style,
  );
}

/** For `slipway release`: the release, and what to pull. `brief`: the results of services were shown already. */
export function renderReleaseResult(document: ReleaseDocument, style: Style, brief: boolean): string {
  const { state, releases, because } = document;
  switch (state) {
    case "nothing":
      return `nothing to release: ${because ?? ""}`;
    case "failed":
      return `${style.red("not released")}: a service failed; no tag moved`;
    case "dry-run":
      return renderDryRun(document, style);
    case "released":
    case "already":
      return [
        ...(because === null ? [] : [style.dim(`version: ${because}`)]),
        ...releases.map((release) => renderRelease(release, state, style, brief)),
      ].join("\n\n");
  }
}

function renderDryRun({ plan, tags, because }: ReleaseDocument, style: Style): string {
  const actions = { create: "create", move: "move", already: "is there already", stay: "stays" } as const;
  const rows = tags.map(({ image, tag, action, because }): Cell[] => [
    `${image}:${tag}`,
    actions[action],
    because === null ? "" : style.dim(because),
  ]);
  const planned = plan === null ? [] : [renderPlan(plan, style), ""];
  const version = because === null ? [] : [style.dim(`version: ${because}`), ""];
  return [...version, ...planned, renderTable(rows, style), "", "dry run: nothing was built, no tag moved"].join("\n");
}

function renderRelease(
  { record, manifest, githubRelease }: ReleaseDocument["releases"][number],
  state: "released" | "already",
  style: Style,
  brief: boolean,
): string {
  const { subject, group } = manifest;
  // A record's tag cannot spell build metadata.
  const name = subject.kind === "version" && group === "default" ? subject.version : record;
  const head = state === "already" ? `${name} was released before; its tags are in place` : `released ${name}`;
  const rows = manifest.services.map((service): Cell[] => {
    const [tag = manifest.commit.slice(0, 7)] = [...service.tags.version, ...service.tags.moving];
    const what = brief ? [] : [service.service, service.origin];
    return [...what, `${service.images[0]}:${tag}`, style.dim(shortDigest(service.digest))];
  });
  const release = githubRelease === null ? "" : `\n${githubRelease.url}`;
  return `${style.bold(head)}\n${renderTable(rows, style)}${release}`;
}

function serviceRow({ service, outcome, image, because }: BuiltService, style: Style): Cell[] {
  const failed = outcome === "failed" || outcome === "cancelled";
  return [service, failed ? style.red(outcome) : outcome, failed ? (because ?? "") : (image ?? because ?? "")];
}

/** For `slipway rollback`: which tags moved, from where to where. */
export function renderRollback({ to, record, already, tags }: RollbackDocument, style: Style): string {
  const moved = tags.filter(({ from, to: target }) => from !== target);
  const count = `${renderCount(moved.length, "tag")} ${record === null ? "would move" : "moved"}`;
  const head = already
    ? `rolled back to ${to} before; ${count}`
    : `${record === null ? "dry run: " : ""}back to ${to}: ${count}`;
  return [style.bold(head), ...renderMoved(moved, style)].join("\n");
}

/** For `slipway abandon`: the tags that moved, and those that stay. */
export function renderAbandon({ release, record, already, tags, left }: AbandonDocument, style: Style): string {
  const moved = tags.filter(({ from, to }) => from !== to);
  const count = `${renderCount(moved.length, "tag")} ${record === null ? "would move" : "moved"}`;
  const head = already
    ? `${release} was abandoned before; ${count}`
    : `${record === null ? "dry run: " : ""}${release} is abandoned: ${count}`;
  const stays = left.map((place) => style.dim(`${place} stays where it is`));
  return [style.bold(head), ...renderMoved(moved, style), ...stays].join("\n");
}

function renderMoved(moved: RollbackDocument["tags"], style: Style): string[] {
  if (moved.length === 0) return [];
  const rows = moved.map(({ image, tag, from, to }): Cell[] => [
    `${image}:${tag}`,
    from === null ? "" : style.dim(shortDigest(from)),
    shortDigest(to),
  ]);
  return [renderTable(rows, style)];
}
