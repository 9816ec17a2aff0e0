import { algorithmSetting, contextSetting, type InputChange, type Inputs } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";

type What = InputChange["what"];

/**
 * Lists the differences between two readings of a service's inputs, by name; empty if the fingerprints must be equal. For inputs of an
 * earlier algorithm, compares only what that algorithm distinguished.
 */
export function diffInputs(before: Inputs, after: Inputs): InputChange[] {
  const settings = (inputs: Inputs): [string, string][] => [
    ["platform", inputs.platform],
    ...Object.entries(inputs.settings).filter(([name]) => isFirstVersion(before, after) || name !== contextSetting),
  ];
  return [
    ...diffFiles(before, after),
    ...diffInstructions(before.instructions, after.instructions),
    ...diffNamed("arg", Object.entries(before.args), Object.entries(after.args)),
    ...diffNamed("base", basesOf(before), basesOf(after)),
    ...diffNamed("context", contextsOf(before), contextsOf(after)),
    ...diffNamed("setting", settings(before), settings(after)),
  ];
}

/** Lists changed files. A file with the same change in several contexts is listed once; with different changes it counts as changed. */
function diffFiles(before: Inputs, after: Inputs): InputChange[] {
  const filesOf = isFirstVersion(before, after) ? mergedFiles : filesByContext;
  const [old, now] = [filesOf(before), filesOf(after)];
  const changes = new Map<string, InputChange>();
  for (const context of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(context), now.get(context)];
    for (const { name: path, ...change } of diffNamed("file", was?.files ?? [], is?.files ?? [])) {
      const name = `${(change.change === "removed" ? was : is)?.prefix ?? ""}${path}`;
      const other = changes.get(name);
      const isMixed = other !== undefined && other.change !== change.change;
      changes.set(name, { ...change, name, change: isMixed ? "changed" : change.change });
    }
  }
  return [...changes.values()].sort(byKey(({ name }) => name));
}

function isFirstVersion(...both: readonly Inputs[]): boolean {
  return both.some(({ settings }) => settings[algorithmSetting] === "1");
}

/** Files of one context: path in the context and content. `prefix`: path from the repository root to the context. */
interface NamedFiles {
  readonly prefix: string;
  readonly files: (readonly [path: string, content: string])[];
}

function filesByContext({ files, contexts, settings }: Inputs): ReadonlyMap<string, NamedFiles> {
  const roots = new Map(contexts.map(({ name, of }) => [name, of])).set("", settings[contextSetting] ?? ".");
  const lists = new Map<string, NamedFiles>();
  for (const { context = "", path, mode, digest } of files) {
    const root = roots.get(context) ?? ".";
    const list = lists.get(context) ?? { prefix: root === "." ? "" : `${root}/`, files: [] };
    list.files.push([path.slice(list.prefix.length), `${mode} ${digest}`]);
    lists.set(context, list);
  }
  return lists;
}

/** Files in the form of the first algorithm: one set for all contexts, and one word for both conversions to CRLF. */
function mergedFiles({ files }: Inputs): ReadonlyMap<string, NamedFiles> {
  const merged = files.map(
    ({ path, mode, digest }) => [path, `${mode} ${digest.replace("auto-crlf", "crlf")}`] as const,
  );
  return new Map([["", { prefix: "", files: merged }]]);
}

function basesOf({ bases }: Inputs): [string, string][] {
  return bases.map(({ reference, digest }) => [reference, digest ?? ""]);
}

function contextsOf({ contexts }: Inputs): [string, string][] {
  // The location of a folder has no effect on the build.
  return contexts.map(({ name, kind, of, digest }) => [name, `${kind} ${kind === "folder" ? "" : of} ${digest ?? ""}`]);
}

function diffNamed(
  what: What,
  before: readonly (readonly [string, string])[],
  after: readonly (readonly [string, string])[],
): InputChange[] {
  const old = new Map(before);
  const now = new Map(after);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort(byCodeUnit);
  return names.flatMap((name): InputChange[] => {
    const was = old.get(name);
    const is = now.get(name);
    if (was === is) return [];
    return [{ what, name, change: was === undefined ? "added" : is === undefined ? "removed" : "changed" }];
  });
}

/** Lists instructions that were added or removed. An instruction is identified by its text. */
function diffInstructions(before: readonly string[], after: readonly string[]): InputChange[] {
  const removed = withoutAll(before, after);
  const added = withoutAll(after, before);
  if (removed.length === 0 && added.length === 0 && before.join("\0") !== after.join("\0")) {
    const first = after.find((line, index) => line !== before[index]) ?? after.at(-1) ?? "";
    return [{ what: "instruction", name: first, change: "changed" }];
  }
  return [
    ...removed.map((name): InputChange => ({ what: "instruction", name, change: "removed" })),
    ...added.map((name): InputChange => ({ what: "instruction", name, change: "added" })),
  ];
}

/** Removes from `lines` one line for each equal line of `others`. */
function withoutAll(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
