/** Name of a happening in a repository that may start a publishing workflow. */
export type EventName =
  | "trunk-push"
  | "branch-push"
  | "version-tag"
  | "prerelease-tag"
  | "pull-request"
  | "fork-pull-request"
  | "schedule"
  | "dispatch"
  | "release";

/** Titles of the events that every repository has, the most important first, as tables have them. */
export const eventTitles: Readonly<Record<EventName, string>> = {
  "trunk-push": "push to trunk",
  "version-tag": "version tag",
  release: "published release",
  "prerelease-tag": "pre-release tag",
  "branch-push": "push to another branch",
  schedule: "schedule",
  dispatch: "dispatch",
  "pull-request": "pull request",
  "fork-pull-request": "pull request of a fork",
};

/**
 * Compares titles by their place in tables: those of every repository in their order, a class of branches, tags or pull requests after the event that it
 * is a case of, all others last, by code unit.
 */
export function byEventTitle(left: string, right: string): number {
  return rankOf(left) - rankOf(right) || (left < right ? -1 : left > right ? 1 : 0);
}

function rankOf(title: string): number {
  const titles = Object.values(eventTitles);
  const own = titles.indexOf(title);
  if (own >= 0) return own;
  const kinds = [
    ["push to ", "branch-push"],
    ["tag ", "version-tag"],
    ["pre-release tag ", "prerelease-tag"],
    ["pull request to ", "pull-request"],
    ["pull request of a fork to ", "fork-pull-request"],
  ] as const;
  const kind = kinds.find(([start]) => title.startsWith(start));
  return kind === undefined ? titles.length : titles.indexOf(eventTitles[kind[1]]) + 0.5;
}
