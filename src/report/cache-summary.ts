import { addTo } from "../model/lists.ts";
import type { CacheUse } from "../event.ts";
import { renderBytes, renderCount, renderDuration } from "../model/units.ts";
import { escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import type { Board, ServiceEntry, SolveCacheUse, SolveEntry } from "./board.ts";

/** What the caches did for a run, as GitHub's Markdown: a row a solve, then what was left out and why. Nothing without solves. */
export function renderCacheTables(board: Board): string[] {
  const rows = solvesOf(board).map(({ entry, solve }) => {
    const uses = board.cacheUses.filter((use) => use.service === entry.service && use.platform === solve.platform);
    const platform = entry.solves.size === 1 ? "" : ` ${escapeMarkdown(solve.platform)}`;
    return [
      `**${escapeMarkdown(entry.service)}**${platform}`,
      renderShare(solve),
      solve.cachedBytes === 0 ? "" : renderBytes(solve.cachedBytes),
      escapeMarkdown(renderTiers(uses, "import")),
      escapeMarkdown(renderTiers(uses, "export")),
    ];
  });
  if (rows.length === 0) return [];
  const head = [
    { title: "Service" },
    { title: "Cached", right: true },
    { title: "Fetched", right: true },
    { title: "Read" },
    { title: "Written" },
  ];
  const unused = listUnused(board).map((line) => `- ${escapeMarkdown(line)}`);
  return [
    "### Caches",
    renderMarkdownTable(head, rows),
    ...(unused.length === 0 ? [] : [`Not used:\n\n${unused.join("\n")}`]),
  ];
}

/** The same in a line, for the end of a run at a terminal or in a log; then what failed. Nothing without solves. */
export function renderCacheLines(board: Board): string[] {
  const solves = solvesOf(board).map(({ solve }) => solve);
  const sum = (of: (solve: SolveEntry) => number): number => solves.reduce((total, solve) => total + of(solve), 0);
  const total = sum((solve) => solve.total);
  if (total === 0) return [];
  const bytes = sum((solve) => solve.cachedBytes);
  const read = renderTiers(board.cacheUses, "import");
  const written = renderTiers(board.cacheUses, "export");
  const parts = [
    `${sum((solve) => solve.cached)}/${total} cached`,
    ...(bytes === 0 ? [] : [`${renderBytes(bytes)} fetched`]),
    ...(read === "" ? [] : [`read ${read}`]),
    ...(written === "" ? [] : [`wrote ${written}`]),
  ];
  return [`caches: ${parts.join("; ")}`];
}

/** Solves that came to their end. */
function solvesOf(board: Board): { readonly entry: ServiceEntry; readonly solve: SolveEntry }[] {
  return [...board.services.values()].flatMap((entry) =>
    [...entry.solves.values()].filter(({ ended }) => ended).map((solve) => ({ entry, solve })),
  );
}

function renderShare({ cached, total }: SolveEntry): string {
  return total === 0 ? "" : `${cached}/${total} (${Math.round((cached / total) * 100)} %)`;
}

const tiers: readonly CacheUse["tier"][] = ["gha", "registry", "latest", "inline"];

/** `gha (5 layers, 1.2 s), registry (not there yet)`: each tier that was asked, over all these uses. */
function renderTiers(uses: readonly CacheUse[], direction: CacheUse["direction"]): string {
  const asked = uses.filter((use) => use.direction === direction && use.state !== "left-out");
  return tiers
    .flatMap((tier) => {
      const own = asked.filter((use) => use.tier === tier);
      return own.length === 0 ? [] : [`${tier}${renderUses(own)}`];
    })
    .join(", ");
}

function renderUses(uses: readonly CacheUse[]): string {
  const used = uses.filter(({ state }) => state === "used");
  const others = ["missing", "failed"] as const;
  const told = others.flatMap((state) => {
    const count = uses.filter((use) => use.state === state).length;
    if (count === 0) return [];
    const word = state === "missing" ? "not there yet" : "failed";
    return [uses.length === 1 ? word : `${count}× ${word}`];
  });
  const layers = used.reduce((sum, use) => sum + (use.layers ?? 0), 0);
  const seconds = used.reduce((sum, use) => sum + use.seconds, 0);
  const details = [
    ...(layers === 0 ? [] : [renderCount(layers, "layer")]),
    ...(seconds === 0 ? [] : [renderDuration(seconds)]),
    ...told,
  ];
  return details.length === 0 ? "" : ` (${details.join(", ")})`;
}

/** Names are told up to this many. */
const namedServices = 6;

/** What was left out or failed, each reason once with the services that it is about. */
function listUnused({ cacheUses }: Board): string[] {
  const groups = new Map<string, SolveCacheUse[]>();
  for (const use of cacheUses.filter(({ state }) => state === "left-out" || state === "failed")) {
    const failed = use.state === "failed" ? " failed" : "";
    const line = `${use.tier}, ${use.direction}${failed}: ${firstLine(use.because)}`;
    addTo(groups, line, use);
  }
  return [...groups].map(([line, uses]) => {
    const names = [...new Set(uses.map(({ service }) => service))];
    const who = names.length > namedServices ? renderCount(names.length, "service") : names.join(", ");
    return `${line} (${who})`;
  });
}

function firstLine(text = "no reason was told"): string {
  return text.split("\n")[0] ?? "";
}
