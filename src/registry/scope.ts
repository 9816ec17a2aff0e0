import { byCodeUnit, byKey } from "../model/order.ts";

/** What may be done in one repository. Source: distribution, "Token scope documentation". */
export interface Scope {
  readonly repository: string;
  readonly actions: readonly string[];
}

/** `repository:acme/api:pull,push`; the same set of actions gives the same text. */
export function renderScope(scope: Scope): string {
  return `repository:${scope.repository}:${scope.actions.toSorted(byCodeUnit).join(",")}`;
}

/** Reads scopes as a challenge gives them: with spaces between. What is no repository scope is left out. */
export function parseScopes(text: string): readonly Scope[] {
  return text.split(/\s+/).flatMap((part) => {
    const match = /^repository:(.+):([^:]+)$/.exec(part);
    const [, repository, actions] = match ?? [];
    if (repository === undefined || actions === undefined) return [];
    return [{ repository, actions: actions.split(",") }];
  });
}

/** One scope a repository, with all actions that either list has; sorted by repository. */
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

/** Whether everything in `wanted` is allowed by `held`. */
export function covers(held: readonly Scope[], wanted: readonly Scope[]): boolean {
  return wanted.every((want) => {
    const match = held.find((scope) => scope.repository === want.repository);
    return match !== undefined && want.actions.every((action) => match.actions.includes(action));
  });
}
