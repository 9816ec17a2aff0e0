import type { Case, World } from "./world.ts";

/** Makes a case smaller as long as it stays faulty, within a number of tries. */
export async function shrink(one: Case, isFaulty: (smaller: Case) => Promise<boolean>, tries: number): Promise<Case> {
  let best = one;
  let left = tries;
  for (let isSmaller = true; isSmaller && left > 0;) {
    isSmaller = false;
    for (const candidate of smallerCases(best)) {
      if (left <= 0) break;
      left -= 1;
      if (!(await isFaulty({ ...candidate, name: `${one.name}-${left}` }))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* smallerCases(one: Case): Generator<Case, void, undefined> {
  if (!one.isCommitted && one.source === undefined) yield { ...one, isCommitted: true };
  const both = (edit: (world: World) => World): Case => ({ ...one, before: edit(one.before), after: edit(one.after) });
  for (const line of new Set([...one.before.dockerfile].reverse())) {
    if (/^FROM/i.test(line) && one.before.dockerfile.filter((each) => /^FROM/i.test(each)).length === 1) continue;
    yield both((world) => {
      const index = world.dockerfile.lastIndexOf(line);
      return index < 0 ? world : { ...world, dockerfile: world.dockerfile.toSpliced(index, 1) };
    });
  }
  for (const path of new Set([...Object.keys(one.before.files), ...Object.keys(one.after.files)])) {
    yield both((world) => ({
      ...world,
      files: Object.fromEntries(
        Object.entries(world.files).filter(
          ([each, entry]) => each !== path && !(entry.kind === "name" && entry.of === path),
        ),
      ),
    }));
  }
  for (const name of Object.keys({ ...one.before.args, ...one.after.args })) {
    yield both((world) => ({
      ...world,
      args: Object.fromEntries(Object.entries(world.args).filter(([each]) => each !== name)),
    }));
  }
  if (one.before.target !== undefined || one.after.target !== undefined) {
    yield both((world) => ({ ...world, target: undefined }));
  }
}
