import { addTo } from "../../model/lists.ts";
import type { ReleaseName } from "../../records/record-names.ts";

/** About the number of records that one command reads. Each line of releases has at least one among them. */
const mostRecords = 2000;

/** Records to read in search of the newest, and the number of those that there were too many of. */
export interface ChosenRecords {
  readonly chosen: readonly ReleaseName[];
  readonly left: number;
}

/**
 * Chooses the records among which the newest `limit` are. Names hold no times, so these are the last ones of each line: a group's versions, or
 * a branch. `names`: in the order of releases.
 */
export function chooseRecords(names: readonly ReleaseName[], limit: number): ChosenRecords {
  const lines = new Map<string, ReleaseName[]>();
  for (const name of names) addTo(lines, `${name.group} ${name.kind === "version" ? "" : name.branch}`, name);
  const lastOf = (count: number): ReleaseName[] => [...lines.values()].flatMap((line) => line.slice(-count));
  const wanted = lastOf(limit);
  if (wanted.length <= mostRecords) return { chosen: wanted, left: 0 };
  const chosen = lastOf(Math.max(1, Math.floor(mostRecords / lines.size)));
  return { chosen, left: wanted.length - chosen.length };
}
