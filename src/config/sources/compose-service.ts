import { posix } from "node:path";
import type { BuildSecret } from "../../model/service.ts";
import type { ComposeCursor } from "./compose-cursor.ts";
import type { WrittenKey } from "./definition-keys.ts";
import { isMap, readText, readTextMap, readTexts } from "../written/cursor.ts";
import { type ComposeReference, readReference } from "./compose-reference.ts";
import type { ArgLayer } from "../project/layer.ts";
import { addFault, type Faults, type Place, type PlacedValue } from "../written/place.ts";

/** One service's image in a Compose project. Absent: not set. */
export interface ComposeService {
  readonly at: Place;
  readonly image?: ComposeReference;
  readonly platform?: PlacedValue<string>;
  readonly profiles?: readonly string[];
  readonly build?: ComposeBuild;
}

/** Its `build:`. */
export interface ComposeBuild {
  readonly at: Place;
  /** Context, with the folder that it is relative to: that of the project, or of the file that it is extended from. */
  readonly context?: PlacedValue<string> & { readonly folder: string };
  /** Dockerfile, relative to the context. */
  readonly dockerfile?: PlacedValue<string>;
  readonly inline?: Place;
  readonly target?: string;
  readonly args?: Readonly<Record<string, ArgLayer>>;
  readonly contexts?: Readonly<Record<string, PlacedValue<string> & { readonly folder: string }>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly platforms?: readonly PlacedValue<string>[];
  readonly tags?: readonly ComposeReference[];
  readonly secrets?: readonly { readonly id: string; readonly source: string; readonly at: Place }[];
  readonly ssh?: readonly string[];
  readonly network?: PlacedValue<string>;
  readonly shmSize?: string;
  readonly ulimits?: readonly string[];
  readonly extraHosts?: readonly string[];
  /** Every key that is written. */
  readonly keys: readonly WrittenKey[];
}

/** Reads `services.<name>`. */
export function readComposeService(cursor: ComposeCursor, faults: Faults): ComposeService {
  const build = cursor.get("build");
  return present({
    at: cursor.keyAt,
    image: readReference(cursor.get("image"), "image", faults),
    platform: readText(cursor.get("platform"), "platform", faults),
    profiles: valuesUnlessEmpty(readTexts(cursor.get("profiles"), "profiles", faults)),
    build: build.value === undefined || build.value === null ? undefined : readBuild(build, faults),
  });
}

function readBuild(cursor: ComposeCursor, faults: Faults): ComposeBuild {
  if (!isMap(cursor.value)) {
    const context = readText(cursor, "build", faults);
    return {
      at: cursor.keyAt,
      keys: [],
      ...(context === undefined ? {} : { context: { ...context, folder: cursor.folder } }),
    };
  }
  const text = (key: string) => readText(cursor.get(key), key, faults);
  const texts = (key: string) => readTexts(cursor.get(key), key, faults);
  const context = text("context");
  const inline = cursor.get("dockerfile_inline");
  return present({
    at: cursor.keyAt,
    context: context === undefined ? undefined : { ...context, folder: cursor.get("context").folder },
    dockerfile: text("dockerfile"),
    inline: inline.value === undefined ? undefined : inline.keyAt,
    target: text("target")?.value,
    args: mapUnlessEmpty(readTextMap(cursor.get("args"), "args", faults), ({ value, at }) => ({ value, at })),
    contexts: readContexts(cursor.get("additional_contexts"), faults),
    labels: mapUnlessEmpty(readTextMap(cursor.get("labels"), "labels", faults), ({ value }) => value ?? ""),
    platforms: unlessEmpty(texts("platforms")),
    tags: unlessEmpty(readReferences(cursor.get("tags"), faults)),
    secrets: unlessEmpty(readSecretUses(cursor.get("secrets"), faults)),
    ssh: unlessEmpty(renderPairs(readTextMap(cursor.get("ssh"), "ssh", faults), "=")),
    network: text("network"),
    shmSize: text("shm_size")?.value,
    ulimits: unlessEmpty(readUlimits(cursor.get("ulimits"), faults)),
    extraHosts: unlessEmpty([...new Set(readHosts(cursor.get("extra_hosts"), faults))]),
    keys: cursor.entries().flatMap(([key, { keyAt, value }]) => (isWritten(key, value) ? [{ key, at: keyAt }] : [])),
  });
}

/** Whether a key has an effect: it is neither null nor false, and no extension except bake's. */
function isWritten(key: string, value: unknown): boolean {
  const isExtension = key.startsWith("x-") && key !== "x-bake";
  return value !== null && value !== "false" && !isExtension;
}

/** Reads a map, or a list of `name=context`, each with the folder that it is relative to. */
function readContexts(cursor: ComposeCursor, faults: Faults): ComposeBuild["contexts"] {
  const what = "additional_contexts";
  if (!Array.isArray(cursor.value)) {
    return mapUnlessEmpty(readTextMap(cursor, what, faults), ({ value, at }, name) => ({
      value: value ?? "",
      at,
      folder: cursor.get(name).folder,
    }));
  }
  const contexts = cursor.items().flatMap((item) =>
    readTexts(item, what, faults).map(({ value, at }) => {
      const end = value.indexOf("=");
      const [name, context] = end < 0 ? [value, ""] : [value.slice(0, end), value.slice(end + 1)];
      return [name, { value: context, at, folder: item.folder }] as const;
    }),
  );
  return contexts.length === 0 ? undefined : Object.fromEntries(contexts);
}

function readReferences(cursor: ComposeCursor, faults: Faults): ComposeReference[] {
  const cursors = Array.isArray(cursor.value) ? cursor.items() : [cursor];
  return cursors.flatMap((each) => readReference(each, "tags", faults) ?? []);
}

function readSecretUses(cursor: ComposeCursor, faults: Faults) {
  return cursor.items().flatMap((item) => {
    if (!isMap(item.value)) {
      const name = readText(item, "secrets", faults);
      return name === undefined ? [] : [{ id: name.value, source: name.value, at: name.at }];
    }
    const source = readText(item.get("source"), "source", faults);
    const target = readText(item.get("target"), "target", faults);
    if (source === undefined) addFault(faults, item.at, 'a secret needs a "source"');
    return source === undefined
      ? []
      : [{ id: posix.basename(target?.value ?? source.value), source: source.value, at: item.at }];
  });
}

function readUlimits(cursor: ComposeCursor, faults: Faults): string[] {
  return cursor.entries().flatMap(([name, each]) => {
    if (!isMap(each.value)) {
      const limit = readText(each, name, faults);
      return limit === undefined ? [] : [`${name}=${limit.value}`];
    }
    const soft = readText(each.get("soft"), "soft", faults)?.value;
    const hard = readText(each.get("hard"), "hard", faults)?.value;
    return soft === undefined && hard === undefined ? [] : [`${name}=${soft ?? hard ?? ""}:${hard ?? soft ?? ""}`];
  });
}

/** Reads `host:address`, `host=address`, or a map. */
function readHosts(cursor: ComposeCursor, faults: Faults): string[] {
  if (!isMap(cursor.value)) {
    return readTexts(cursor, "extra_hosts", faults).map(({ value }) => value.replace(/^([^:=]+)=/, "$1:"));
  }
  return cursor
    .entries()
    .flatMap(([host, addresses]) => readTexts(addresses, host, faults).map(({ value }) => `${host}:${value}`));
}

function renderPairs(map: Readonly<Record<string, PlacedValue<string | null>>>, separator: string): string[] {
  return Object.entries(map).map(([name, { value }]) => (value === null ? name : `${name}${separator}${value}`));
}

/** Reads the top-level `secrets:`. */
export function readComposeSecrets(
  cursor: ComposeCursor,
  faults: Faults,
): Map<string, BuildSecret["from"] | "external"> {
  const found = new Map<string, BuildSecret["from"] | "external">();
  for (const [name, each] of cursor.entries()) {
    const file = readText(each.get("file"), "file", faults);
    const env = readText(each.get("environment"), "environment", faults);
    if (file !== undefined) {
      const path = posix.isAbsolute(file.value) ? file.value : posix.join(each.get("file").folder, file.value);
      found.set(name, { kind: "file", path });
    } else if (env !== undefined) found.set(name, { kind: "env", name: env.value });
    else found.set(name, "external");
  }
  return found;
}

/** The type of an object whose undefined values were left out. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Present<T>;
}

function unlessEmpty<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function valuesUnlessEmpty(list: readonly PlacedValue<string>[]): string[] | undefined {
  return unlessEmpty(list.map(({ value }) => value));
}

function mapUnlessEmpty<T, U>(
  map: Readonly<Record<string, T>>,
  convert: (value: T, key: string) => U,
): Record<string, U> | undefined {
  const entries = Object.entries(map);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, each]) => [key, convert(each, key)]));
}
