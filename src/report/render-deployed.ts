import type { DeployedRelease } from "../model/deployed.ts";
import { renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";
import { shortDigest } from "./text.ts";

/** Number of releases that are named of one service. */
const shownReleases = 3;

/** Renders which release runs, and what of it does not, or does beside it. */
export function renderDeployed(deployed: DeployedRelease, style: Style): string {
  const { services, unknown, unpinned, missing } = deployed;
  const rows = services.map(({ service, digest, releases }): Cell[] => [
    service,
    { text: shortDigest(digest), paint: style.dim },
    listed(releases),
  ]);
  return [
    style.bold(summaryOf(deployed)),
    ...(rows.length === 0 ? [] : [renderTable(rows, style, { head: ["SERVICE", "DIGEST", "RELEASES"], indent: 2 })]),
    ...(missing.length === 0 ? [] : [`does not run: ${missing.join(", ")}`]),
    ...(unknown.length === 0 ? [] : [`of no release: ${unknown.join(", ")}`]),
    ...(unpinned.length === 0 ? [] : [`without a digest, so not known: ${unpinned.join(", ")}`]),
  ].join("\n");
}

function summaryOf({ state, releases, compared }: DeployedRelease): string {
  const [newest = "", ...others] = releases;
  const also = others.length === 0 ? "" : ` (the same images as ${listed(others)})`;
  switch (state) {
    case "exactly":
      return `exactly ${newest}${also}`;
    case "partly":
      return `a part of ${newest}${also}`;
    case "mixed":
      return "mixed: no release has all of these images";
    case "unknown":
      return `unknown: none of these images is of the last ${renderCount(compared, "release")}`;
    case "nothing":
      return "no digests: what runs is not known";
  }
}

function listed(releases: readonly string[]): string {
  const more = releases.length - shownReleases;
  return `${releases.slice(0, shownReleases).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
