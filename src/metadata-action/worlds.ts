/** Answers a question that depends on unknown values. Within a world, the same key always gets the same answer. */
export type Decide = (key: string, because: readonly string[]) => boolean;

/** Result under one set of answers. */
export interface World<T> {
  readonly result: T;
  readonly answers: ReadonlyMap<string, WorldAnswer>;
}

export interface WorldAnswer {
  readonly because: readonly string[];
  readonly isYes: boolean;
}

const mostWorlds = 128;

/** Runs a function under every set of answers to the questions that it asks; undefined: there are more than 128 sets. */
export function eachWorld<T>(run: (decide: Decide) => T): readonly World<T>[] | undefined {
  const worlds: World<T>[] = [];
  let script: boolean[] = [];
  for (;;) {
    if (worlds.length >= mostWorlds) return undefined;
    const answers = new Map<string, WorldAnswer>();
    const given = script;
    const result = run((key, because) => {
      const known = answers.get(key);
      if (known !== undefined) return known.isYes;
      const isYes = given[answers.size] ?? true;
      answers.set(key, { because, isYes });
      return isYes;
    });
    worlds.push({ result, answers });
    const asked = [...answers.values()].map(({ isYes }) => isYes);
    const last = asked.lastIndexOf(true);
    if (last < 0) return worlds;
    script = [...asked.slice(0, last), false];
  }
}

/**
 * Returns the names of the unknown values that decide whether a condition holds: those of answers that change it on their own, or all names if there
 * are none.
 */
export function decidingUnknowns<T>(worlds: readonly World<T>[], holds: (result: T) => boolean): string[] {
  const names = new Set<string>();
  const all = new Set<string>();
  for (const { answers, result } of worlds) {
    for (const [key, { because, isYes }] of answers) {
      because.forEach((each) => all.add(each));
      if (!isYes) continue;
      const differs = worlds.some(
        (other) => differsIn(key, answers, other.answers) && holds(other.result) !== holds(result),
      );
      if (differs) because.forEach((each) => names.add(each));
    }
  }
  return [...(names.size > 0 ? names : all)];
}

/** Whether two sets of answers differ in this key, and agree in all other keys that both have. */
function differsIn(key: string, left: World<unknown>["answers"], right: World<unknown>["answers"]): boolean {
  if (right.get(key)?.isYes !== false) return false;
  return [...left].every(([each, { isYes }]) => each === key || (right.get(each)?.isYes ?? isYes) === isYes);
}
