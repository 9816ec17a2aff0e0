import type { ReplayDocument } from "../model/replay-document.ts";
import { renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** For `slipway replay`: a line a service, then the needless builds of building everything. */
export function renderReplay({ totals, services, commits }: ReplayDocument, style: Style): string {
  const rows = services.map(({ service, built, reused, missedByFolder }): Cell[] => [
    service,
    String(built),
    String(reused),
    missedByFolder === 0 ? "" : String(missedByFolder),
  ]);
  const head: Cell[] = ["service", "built", "reused", "missed by a folder rule"].map((text) => style.dim(text));
  const all = totals.built + totals.reused;
  const share = all === 0 ? 0 : Math.round((100 * totals.needless) / all);
  const saved = totals.minutesSaved === null ? "" : `, ${totals.minutesSaved} minutes of building saved`;
  return [
    renderTable([head, ...rows], style),
    "",
    `${renderCount(totals.commits, "commit")}: ${totals.built} built, ${totals.reused} reused`,
    `building everything every time: ${share} % of ${renderCount(all, "build")} needless${saved}`,
    ...(totals.missedByFolder === 0
      ? []
      : [`building what has a change in its own folder: ${renderCount(totals.missedByFolder, "needed build")} missed`]),
    ...unreadable(commits, style),
  ].join("\n");
}

function unreadable(commits: ReplayDocument["commits"], style: Style): string[] {
  const rows = commits.filter((commit) => commit.unreadable !== null);
  const shown = rows
    .slice(0, 5)
    .map(({ commit, unreadable: because }) => style.dim(`  ${commit.slice(0, 7)} not read: ${because}`));
  return rows.length > 5 ? [...shown, style.dim(`  and ${rows.length - 5} more`)] : shown;
}
