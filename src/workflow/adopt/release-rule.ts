/**
 * Decides which runs of a converted workflow are released. `events`: GitHub's events beside pushes and published releases that are. `branches`:
 * branches whose pushes are. `byHand`: branches on which a run by hand is, if it is among the events.
 */
export interface ReleaseRule {
  readonly events: readonly string[];
  readonly branches: "all" | "trunk" | "others" | "none";
  readonly byHand: "all" | "trunk";
}

const isByHand = "github.event_name == 'workflow_dispatch'";
const isBranch = "github.event_name == 'push' && github.ref_type == 'branch'";

/** Renders the rule for the input `release`, without braces; undefined: it is the action's own rule. */
export function renderReleaseRule({ events, branches, byHand }: ReleaseRule, trunk: string): string | undefined {
  const name = `'${trunk.replaceAll("'", "''")}'`;
  const list = JSON.stringify(events).replaceAll("'", "''");
  const isAsked =
    events.length === 1
      ? `github.event_name == '${events[0] ?? ""}'`
      : `contains(fromJSON('${list}'), github.event_name)`;
  const others = {
    all: undefined,
    trunk: `github.ref_name != ${name}`,
    others: `github.ref_name == ${name}`,
    none: "true",
  }[branches];
  const parts = [
    ...(byHand === "trunk" ? [`${isByHand} && github.ref_name != ${name} && 'false'`] : []),
    ...(events.length === 0 ? [] : [`${isAsked} && 'true'`]),
    ...(others === undefined ? [] : [`${isBranch}${branches === "none" ? "" : ` && ${others}`} && 'false'`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" || ");
}

/** Joins the rules of two workflows, whose services are then released together. */
export function joinReleaseRules(one: ReleaseRule, two: ReleaseRule): ReleaseRule {
  const branches =
    one.branches === "none"
      ? two.branches
      : two.branches === "none" || two.branches === one.branches
        ? one.branches
        : "all";
  const byHand = one.byHand === "trunk" || two.byHand === "trunk" ? "trunk" : "all";
  return { events: [...new Set([...one.events, ...two.events])].sort(), branches, byHand };
}

/** Reads a rule back from the input `release` of a generated workflow. */
export function parseReleaseRule(written: string): ReleaseRule {
  const list = /contains\(fromJSON\('(\[[^']*\])'\), github\.event_name\) && 'true'/.exec(written)?.[1];
  const only = /github\.event_name == '(\w+)' && 'true'/.exec(written)?.[1];
  const byHand = written.includes(`${isByHand} && github.ref_name != `) ? ("trunk" as const) : ("all" as const);
  const parsed: unknown = list === undefined ? [] : JSON.parse(list);
  const events = only === undefined ? (Array.isArray(parsed) ? parsed.map(String) : []) : [only];
  const rest = written.includes(isBranch) ? written.slice(written.indexOf(isBranch) + isBranch.length) : undefined;
  if (rest === undefined) return { events, branches: "all", byHand };
  if (rest.startsWith(" && github.ref_name != ")) return { events, branches: "trunk", byHand };
  return { events, branches: rest.startsWith(" && github.ref_name == ") ? "others" : "none", byHand };
}
