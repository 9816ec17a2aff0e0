import { algorithmSetting, type InputChange, type Inputs } from "../model/inputs.ts";
import { byCodeUnit, byKey } from "../model/order.ts";

type What = InputChange["what"];

/**
 * What changed from one reading of a service's inputs to another, by name; empty when the fingerprints must be equal. Inputs of
 * an earlier algorithm are compared as far as that one told them apart.
 */
export function diffInputs(before: Inputs, after: Inputs): InputChange[] {
  const settings = (inputs: Inputs): [string, string][] => [
    ["platform", inputs.platform],
    ...Object.entries(inputs.settings),
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

/** A file that changes in the same way in several contexts is named once; one that comes to one and leaves another is changed. */
function diffFiles(before: Inputs, after: Inputs): InputChange[] {
  const isFirstVersion = [before, after].some(({ settings }) => settings[algorithmSetting] === "1");
  const filesOf = isFirstVersion ? mergedFiles : filesByContext;
  const [old, now] = [filesOf(before), filesOf(after)];
  const changes = new Map<string, InputChange>();
  for (const context of new Set([...old.keys(), ...now.keys()])) {
    for (const change of diffNamed("file", old.get(context) ?? [], now.get(context) ?? [])) {
      const other = changes.get(change.name);
      const isMixed = other !== undefined && other.change !== change.change;
      changes.set(change.name, isMixed ? { ...change, change: "changed" } : change);
    }
  }
  return [...changes.values()].sort(byKey(({ name }) => name));
}

type NamedFiles = ReadonlyMap<string, readonly (readonly [path: string, content: string])[]>;

function filesByContext({ files }: Inputs): NamedFiles {
  const lists = new Map<string, [string, string][]>();
  for (const { context = "", path, mode, digest } of files) {
    const list = lists.get(context) ?? [];
    list.push([path, `${mode} ${digest}`]);
    lists.set(context, list);
  }
  return lists;
}

/** As the first algorithm listed files: those of all contexts as one set, and one word for both conversions to CRLF. */
function mergedFiles({ files }: Inputs): NamedFiles {
  const merged = files.map(
    ({ path, mode, digest }) => [path, `${mode} ${digest.replace("auto-crlf", "crlf")}`] as const,
  );
  return new Map([["", merged]]);
}

function basesOf({ bases }: Inputs): [string, string][] {
  return bases.map(({ reference, digest }) => [reference, digest ?? ""]);
}

function contextsOf({ contexts }: Inputs): [string, string][] {
  return contexts.map(({ name, kind, of, digest }) => [name, `${kind} ${of} ${digest ?? ""}`]);
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

/** Instructions have no name but their text; what stands at both ends unchanged is left out. */
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

/** The lines of `lines` without one for each equal line of `others`. */
function withoutAll(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
