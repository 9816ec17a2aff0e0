import { createHash } from "node:crypto";
import type { InputsSketch, InvocationInputs } from "../model/build-record.ts";
import { type Digest, parseDigest } from "../model/digest.ts";
import { contextSetting, type InputChange, type Inputs } from "../model/inputs.ts";

type What = InputChange["what"];

/** One input as it counts. */
interface Entry {
  readonly what: What;
  readonly name: string;
  readonly value: string;
  /** The platform or the named context that it is for, where each has one of its own. */
  readonly scope?: string;
  /** Said to everybody: the digest of a base. */
  readonly isOpen?: true;
}

/** Hashes of an invocation's inputs, for a record. */
export function sketchOf(inputs: InvocationInputs): InputsSketch {
  return { version: 1, entries: Object.fromEntries([...byKeys(inputs)].map(([key, entry]) => [key, valueOf(entry)])) };
}

/** What changed since a record was written. Of inputs that are gone, only the count is known. */
export function changesSince(before: InputsSketch, now: InvocationInputs): InputChange[] {
  const left = new Map(Object.entries(before.entries));
  const changes = new Map<string, InputChange>();
  for (const [key, entry] of byKeys(now)) {
    const was = left.get(key);
    left.delete(key);
    const { what, name } = entry;
    if (was === valueOf(entry)) continue;
    changes.set(`${what} ${name}`, { what, name, change: was === undefined ? "added" : "changed" });
  }
  return [...changes.values(), ...removals([...left.keys()], new Set([...changes.values()].map(({ what }) => what)))];
}

/** The digests that a record's build had for the bases of one platform, by reference; a base of another platform is named with it. */
export function basesBefore(before: InputsSketch, now: Inputs): ReadonlyMap<string, Digest> {
  const found = entriesOfPlatform(now).flatMap((entry): [string, Digest][] => {
    const digest = entry.what === "base" ? parseDigest(before.entries[keyOf(entry)] ?? "") : undefined;
    return digest === undefined ? [] : [[entry.name, digest]];
  });
  return new Map(found);
}

/** Most inputs are those of all platforms. */
function byKeys(inputs: InvocationInputs): ReadonlyMap<string, Entry> {
  return new Map(entriesOf(inputs).map((entry) => [keyOf(entry), entry]));
}

function entriesOf({ platforms, settings }: InvocationInputs): Entry[] {
  return [
    ...platforms.flatMap(entriesOfPlatform),
    {
      what: "setting",
      name: "platforms",
      value: platforms
        .map(({ platform }) => platform)
        .sort()
        .join(","),
    },
    ...Object.entries(settings).map(([name, value]): Entry => ({ what: "setting", name, value })),
  ];
}

function entriesOfPlatform({ platform, ...inputs }: Inputs): Entry[] {
  return [
    ...inputs.files.map(({ path, mode, digest, context = "" }): Entry => ({
      what: "file",
      name: path,
      value: `${mode} ${digest}`,
      scope: context,
    })),
    ...inputs.instructions.map((name): Entry => ({ what: "instruction", name, value: "" })),
    ...Object.entries(inputs.args).map(([name, value]): Entry => ({ what: "arg", name, value })),
    ...inputs.bases.map(({ reference, digest }): Entry => ({
      what: "base",
      name: reference,
      value: digest ?? "",
      scope: platform,
      isOpen: true,
    })),
    ...inputs.contexts.map(({ name, kind, digest }): Entry => ({
      what: "context",
      name,
      value: `${kind} ${digest ?? ""}`,
      scope: platform,
    })),
    ...Object.entries(inputs.settings)
      // Where the context lies decides nothing.
      .filter(([name]) => name !== contextSetting)
      .map(([name, value]): Entry => ({ what: "setting", name, value })),
  ];
}

function keyOf({ what, name, scope = "" }: Entry): string {
  return `${what}:${shortHash(`${what}\0${name}\0${scope}`)}`;
}

function valueOf({ value, isOpen }: Entry): string {
  return isOpen === true ? value : shortHash(value);
}

function shortHash(text: string): string {
  return createHash("sha256").update(`slipway\0${text}`).digest("base64url").slice(0, 12);
}

/** An instruction that changed is a new one and one that is gone: only the first is told. */
function removals(keys: readonly string[], changed: ReadonlySet<What>): InputChange[] {
  const whats: readonly What[] = ["file", "instruction", "arg", "base", "context", "setting"];
  return whats.flatMap((what): InputChange[] => {
    const count = keys.filter((key) => key.startsWith(`${what}:`)).length;
    const isTold = count > 0 && !(what === "instruction" && changed.has("instruction"));
    // The names are hashes: "build arg … (removed)".
    const name = what !== "file" ? "…" : count === 1 ? "one file" : `${count} files`;
    return isTold ? [{ what, name, change: "removed" }] : [];
  });
}
