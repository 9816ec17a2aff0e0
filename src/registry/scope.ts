import { byCodeUnit, byKey } from "../model/order.ts";

/** Permitted actions in one repository. Source: distribution, "Token scope documentation". */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly string[];
}

/** Renders a scope, such as `repository:acme/api:pull,push`. Equal sets of actions give equal text. */
export function renderScope(scope: Scope): string {
  return `repository:${scope.repository}:${scope.actions.toSorted(byCodeUnit).join(",")}`;
}

/** Parses the space-separated scopes of a challenge. Ignores scopes that are not for a repository. */
export function parseScopes(text: string): readonly Scope[] {
  return text.split(/\s+/).flatMap((part) => {
    const match = /^repository:(.+):([^:]+)$/.exec(part);
    const [, repository, actions] = match ?? [];
    if (repository === undefined || actions === undefined) return [];
    return [{ repository, actions: actions.split(",") }];
  });
}

/** Joins lists to one scope per repository, with all actions; sorted by repository. */
export function joinScopes(...lists: readonly (readonly Scope[])[]): readonly Scope[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of lists.flat()) {
    const known = actions.get(scope.repository) ?? new Set();
    for (const action of scope.actions) known.add(action);
    actions.set(scope.repository, known);
  }
  return [...actions]
    .map(([repository, known]) => ({ repository, actions: [...known].toSorted(byCodeUnit) }))
    .toSorted(byKey((scope) => scope.repository));
}

/** Whether `held` permits everything in `wanted`. */
export function scopesCover(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((want) => {
    const match = held.find((scope) => scope.repository === want.repository);
    return match !== undefined && want.actions.every((action) => match.actions.includes(action));
  });
}
