import type { CacheListDocument, CachePruneDocument, PrunedCache, StoredCache } from "../model/cache-documents.ts";
import { renderAge, renderBytes, renderCount } from "../model/units.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** For `slipway cache list`: a line for similar entries, and the total of each tier. */
export function renderCacheList({ caches, github, notes }: CacheListDocument, style: Style, now: string): string {
  const rows = groupsOf(caches, nameOf).map((group): Cell[] => [
    ...describe(group, style),
    renderBytes(bytesOf(group)),
    since(oldest(group.map(({ createdAt }) => createdAt)), now),
    since(newest(group.map(({ lastUsedAt }) => lastUsedAt)), now),
  ]);
  const head = [...titles, "SIZE", "AGE", "LAST USE"];
  const registry = caches.filter(({ tier }) => tier === "registry");
  const totals = [
    ...(github === null
      ? []
      : [`GitHub's cache of ${github.repository}: ${entries(github.entries)}, ${renderBytes(github.bytes)}`]),
    ...(registry.length === 0
      ? []
      : [`registry: ${renderCount(registry.length, "tag")}, ${renderBytes(bytesOf(registry))}`]),
  ];
  return joinBlocks([
    rows.length === 0 ? ["nothing is stored"] : [renderTable(rows, style, { head, right: [4, 5], flexible: 3 })],
    totals,
    renderNotes(notes, style),
  ]);
}

/** For `slipway cache prune`: removed entries and why, kept ones, and commands of `gh` with the same effect. */
export function renderCachePrune(document: CachePruneDocument, style: Style): string {
  const { state, caches, kept, commands, notes } = document;
  const stays = `${entries(kept.entries)} stay, ${renderBytes(kept.bytes)}`;
  if (state === "nothing") return joinBlocks([[`nothing to delete; ${stays}`], renderNotes(notes, style)]);
  const rows = groupsOf(caches, (cache) => [nameOf(cache), cache.state, cache.because].join(" ")).map(
    (group): Cell[] => [...describe(group, style), renderBytes(bytesOf(group)), whyOf(group, style)],
  );
  const failed = caches.filter((cache) => cache.state === "failed");
  const left = caches.filter((cache) => cache.state === "left");
  return joinBlocks([
    [`${style.bold(headOf(state, caches))}; ${stays}`],
    [renderTable(rows, style, { head: [...titles, "SIZE", "WHY"], right: [4] })],
    [...new Set(failed.map(({ failure }) => failure ?? ""))].map(
      (failure) => `${style.red("not deleted:")} ${failure}`,
    ),
    left.length === 0 ? [] : [`${renderCount(left.length, "cache")} left for the next run of the same command`],
    state === "dry-run" ? renderCommands(commands, style) : [],
    renderNotes(notes, style),
    state === "dry-run" ? ["Nothing was deleted. With --yes it is."] : [],
  ]);
}

const titles = ["TIER", "WHAT", "SERVICE", "WHERE"];

function headOf(state: CachePruneDocument["state"], caches: readonly PrunedCache[]): string {
  const deleted = caches.filter((cache) => cache.state === "deleted" || cache.state === "gone");
  const told = state === "dry-run" ? caches : deleted;
  const verb = state === "dry-run" ? "would delete" : "deleted";
  const all = state === "partly" ? ` of ${caches.length}` : "";
  return `${verb} ${entries(told.length)}${all}, ${renderBytes(bytesOf(told))}`;
}

function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

function whyOf(group: readonly [PrunedCache, ...PrunedCache[]], style: Style): Cell {
  const [{ because, state }] = group;
  if (state === "failed") return { text: `${because}; not deleted`, paint: style.red };
  return state === "gone" ? `${because}; was gone already` : because;
}

/** The name under which similar caches share a line. */
function nameOf({ tier, kind, service, platform, ref, name }: StoredCache): string {
  const own = kind === "other" || tier === "registry" ? name.replace(/[-:#][0-9a-f]{8}[^]*$/, "") : "";
  return [tier, kind, service, platform, ref, kind === "build" ? "" : own].join(" ");
}

function groupsOf<T extends StoredCache>(caches: readonly T[], key: (cache: T) => string): (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const cache of caches) {
    const group = groups.get(key(cache));
    if (group === undefined) groups.set(key(cache), [cache]);
    else group.push(cache);
  }
  return [...groups.values()];
}

const nouns: Readonly<Record<StoredCache["kind"], readonly [one: string, many: string]>> = {
  index: ["index", "indexes"],
  layer: ["layer", "layers"],
  cache: ["cache", "caches"],
  build: ["build", "builds"],
  other: ["other", "others"],
};

function describe(group: readonly [StoredCache, ...StoredCache[]], style: Style): Cell[] {
  const [{ tier, kind, service, platform, ref, name, pullRequest }] = group;
  const [one, many] = nouns[kind];
  const shared = kind === "index" ? "(shared)" : "";
  const image = tier === "registry" ? name.slice(0, name.lastIndexOf(":")) : undefined;
  return [
    { text: tier, paint: style.dim },
    group.length === 1 ? one : `${group.length} ${many}`,
    [service ?? shared, platform?.replace(/^linux\//, "")].filter(Boolean).join(" "),
    image ?? (pullRequest === null ? shortRef(ref) : `pull request ${pullRequest}`),
  ];
}

function shortRef(ref: string | null): string {
  return (ref ?? "").replace(/^refs\/heads\//, "").replace(/^refs\/tags\//, "tag ");
}

function bytesOf(caches: readonly StoredCache[]): number {
  return caches.reduce((sum, { bytes }) => sum + bytes, 0);
}

function oldest(times: readonly (string | null)[]): string | undefined {
  return times.filter((time) => time !== null).sort()[0];
}

function newest(times: readonly (string | null)[]): string | undefined {
  return times
    .filter((time) => time !== null)
    .sort()
    .at(-1);
}

function since(time: string | undefined, now: string): string {
  return time === undefined ? "" : renderAge((Date.parse(now) - Date.parse(time)) / 1000);
}

const shownCommands = 20;

function renderCommands(commands: readonly string[], style: Style): string[] {
  if (commands.length === 0) return [];
  const more = commands.length - shownCommands;
  return [
    "the same on GitHub, by hand:",
    ...commands.slice(0, shownCommands).map((command) => `  ${command}`),
    ...(more > 0 ? [style.dim(`  and ${more} more: --json has them all`)] : []),
  ];
}

function renderNotes(notes: readonly string[], style: Style): string[] {
  return notes.map((note) => `${style.cyan("note:")} ${note}`);
}

function joinBlocks(blocks: readonly (readonly string[])[]): string {
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}
