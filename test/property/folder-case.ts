import { changes, foldersOf, pickPath, withFiles } from "./change.ts";
import { type BaseImages, makeName, makeWorld } from "./generate.ts";
import type { Random } from "./random.ts";
import { type Case, type Entry, file, type World } from "./world.ts";

const fileModes = [0o600, 0o640, 0o666, 0o777, 0o700, 0o444, 0o755, 0o644, 0o4755, 0o2755, 0o6711];
const folderModes = [0o700, 0o775, 0o777, 0o1777, 0o2755, 0o755, 0o555];

type Change = (random: Random, world: World) => World | undefined;

/** Changes of what git does not keep, or does not look at. */
const folderChanges: Readonly<Record<string, Change>> = {
  "change permission bits": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "file");
    const entry = path === undefined ? undefined : world.files[path];
    if (path === undefined || entry?.kind !== "file") return undefined;
    return withFiles(world, { [path]: { ...entry, mode: random.pick(fileModes) } });
  },
  "change a folder's permission bits": (random, world) => {
    const folders = foldersOf(world).filter((folder) => folder !== "");
    if (folders.length === 0) return undefined;
    return withFiles(world, { [random.pick(folders).slice(0, -1)]: folder(random) });
  },
  "add an empty folder": (random, world) =>
    withFiles(world, {
      [`${random.pick(["", ...foldersOf(world)])}${random.pick(["new", "src2", ".new"])}`]: folder(random),
    }),
  "give a file another name": (random, world) => {
    const of = pickPath(random, world, ({ kind }) => kind === "file");
    if (of === undefined) return undefined;
    return withFiles(world, { [`${random.pick(["", ...foldersOf(world)])}${makeName(random)}`]: { kind: "name", of } });
  },
  "make a name a file of its own": (random, world) => {
    const path = pickPath(random, world, ({ kind }) => kind === "name");
    const entry = path === undefined ? undefined : world.files[path];
    const of = entry?.kind === "name" ? world.files[entry.of] : undefined;
    return path === undefined || of === undefined ? undefined : withFiles(world, { [path]: of });
  },
  "change what git ignores": (random, world) =>
    withFiles(world, { ".gitignore": file(random.pick(["src\n", "*.txt\n"])) }),
};

function folder(random: Random): Entry {
  return { kind: "folder", mode: random.pick(folderModes) };
}

/** A folder as it may lie about: with permission bits, names of one file and empty folders, in no repository. */
function makeFolderWorld(random: Random, bases: BaseImages): World {
  const made = makeWorld(random, bases);
  const world: World = { ...made, generated: [], submodule: undefined, isCompose: false };
  const more: Record<string, Entry> = { ...made.files };
  for (const [path, entry] of Object.entries(made.files)) {
    if (entry.kind === "file" && !path.endsWith("ignore") && random.chance(0.3)) {
      more[path] = { ...entry, mode: random.pick(fileModes) };
    }
  }
  const base = { ...world, files: more };
  for (const each of foldersOf(base)) if (each !== "" && random.chance(0.3)) more[each.slice(0, -1)] = folder(random);
  for (const each of foldersOf(base)) if (random.chance(0.1)) more[`${each}hollow`] = folder(random);
  const of = pickPath(random, base, ({ kind }) => kind === "file");
  if (of !== undefined && random.chance(0.4)) {
    for (const name of ["again", "src/again", "z/again"]) if (random.chance(0.5)) more[name] = { kind: "name", of };
  }
  return withFiles(base, {});
}

/** What a change of a repository is, that is none of a folder: git's own business, or a definition beside the build. */
const isOfGit = /attributes|generated|Compose/;

export function makeFolderCase(random: Random, name: string, bases: BaseImages): Case {
  const before = makeFolderWorld(random, bases);
  const all = { ...changes, ...folderChanges };
  const names = Object.keys(changes).filter((each) => !isOfGit.test(each));
  for (;;) {
    const change = random.chance(0.5) ? random.pick(Object.keys(folderChanges)) : random.pick(names);
    const after = all[change]?.(random, before);
    const asksSteps = random.chance(0.3);
    if (after === undefined) continue;
    const staged = random.chance(0.5) ? "before" : "after";
    return { name, before, after, change, source: "folder", isCommitted: true, staged, asksSteps };
  }
}
