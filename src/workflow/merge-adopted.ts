import type { Adopted, NotCarried } from "./adopted.ts";

/** Merges several hand-made workflows, which must have the same triggers. */
export function mergeAdopted(all: readonly Adopted[]): Adopted | undefined {
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return first;
  const differs: NotCarried[] = rest
    .filter((each) => JSON.stringify(each.on) !== JSON.stringify(first.on) || each.condition !== first.condition)
    .map((each) => ({
      file: each.files[0] ?? "",
      line: 1,
      message: `other triggers or conditions than ${first.files[0] ?? ""}: give both the same, or adopt one after the other`,
    }));
  const ids = all.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  const sameJob: NotCarried[] = [...twice].map((id) => ({
    file: first.files[0] ?? "",
    line: 1,
    message: `job "${id}" is in two of the workflows: rename one`,
  }));
  return {
    ...first,
    files: all.flatMap(({ files }) => files),
    name: undefined,
    env: Object.assign({}, ...all.map(({ env }) => env)),
    jobs: all.flatMap(({ jobs }) => jobs),
    gates: [...new Set(all.flatMap(({ gates }) => gates))],
    environment: all.map(({ environment }) => environment).find((each) => each !== undefined),
    timeoutMinutes: all.reduce<number | undefined>(
      (most, { timeoutMinutes: own }) => (own === undefined ? most : Math.max(most ?? 0, own)),
      undefined,
    ),
    labels: Object.assign({}, ...all.map(({ labels }) => labels)),
    permissions: Object.assign({}, ...all.map(({ permissions }) => permissions)),
    logins: unique(all.flatMap(({ logins }) => logins)),
    before: unique(all.flatMap(({ before }) => before)),
    registries: [
      ...new Map(all.flatMap(({ registries }) => registries.map((each) => [each.host, each] as const))).values(),
    ],
    variables: Object.assign({}, ...all.map(({ variables }) => variables)),
    services: all.flatMap(({ services }) => services),
    notCarried: [...all.flatMap(({ notCarried }) => notCarried), ...differs, ...sameJob],
    replaced: [...new Set(all.flatMap(({ replaced }) => replaced))],
  };
}

function unique<T extends { readonly text: string }>(texts: readonly T[]): T[] {
  return [...new Map(texts.map((each) => [each.text, each])).values()];
}
