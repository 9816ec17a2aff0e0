import { createHash } from "node:crypto";
import type { InputsSketch, InvocationInputs } from "../model/build-record.ts";
import { type Digest, parseDigest } from "../model/digest.ts";
import { contextSetting, type InputChange, type Inputs } from "../model/inputs.ts";

type What = InputChange["what"];

/** Input with its value. */
interface Entry {
  readonly what: What;
  readonly name: string;
  readonly value: string;
  /** Scope of the input: a platform, or the named context of a file. */
  readonly scope?: string;
  /** Whether the value is recorded in plain text, not as a hash: only the digest of a base, which is public. */
  readonly isOpen?: true;
}

/** Computes a record's sketch: a hash for each input of an invocation. */
export function sketchOf(inputs: InvocationInputs): InputsSketch {
  return { version: 1, entries: Object.fromEntries([...byKeys(inputs)].map(([key, entry]) => [key, valueOf(entry)])) };
}

/** Compares a record with the current inputs. A removed input is only counted, because the record holds no names. */
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

/**
 * Returns the digests that the recorded build used for the bases of one platform, by reference. The digests of other platforms are recorded
 * separately.
 */
export function basesBefore(before: InputsSketch, now: Inputs): ReadonlyMap<string, Digest> {
  const found = entriesOfPlatform(now).flatMap((entry): [string, Digest][] => {
    const digest = entry.what === "base" ? parseDigest(before.entries[keyOf(entry)] ?? "") : undefined;
    return digest === undefined ? [] : [[entry.name, digest]];
  });
  return new Map(found);
}

/** Returns the inputs by key. An input that all platforms share has one key. */
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
      // The place of the context has no effect on the image.
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

/** Reports removed inputs. A changed instruction appears as one added and one removed instruction; only the added one is reported. */
function removals(keys: readonly string[], changed: ReadonlySet<What>): InputChange[] {
  const whats: readonly What[] = ["file", "instruction", "arg", "base", "context", "setting"];
  return whats.flatMap((what): InputChange[] => {
    const count = keys.filter((key) => key.startsWith(`${what}:`)).length;
    const isTold = count > 0 && !(what === "instruction" && changed.has("instruction"));
    // The record holds hashes, not names: "build arg … (removed)".
    const name = what !== "file" ? "…" : count === 1 ? "one file" : `${count} files`;
    return isTold ? [{ what, name, change: "removed" }] : [];
  });
}
