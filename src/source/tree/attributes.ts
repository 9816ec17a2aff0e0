import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { EOL } from "node:os";
import { join } from "node:path";
import { type Git, splitNames, decodeText } from "../git/git.ts";
import type { Origin, TreeEntry } from "../git/listing.ts";
import type { Repository } from "../git/repository.ts";
import { readSettings, type Settings } from "../git/settings.ts";
import type { SourceRepository } from "./submodules.ts";
import { blobDigest } from "./working-tree.ts";

/** Conversions of files between their blobs and the working tree: line ends, encodings, `$Id$`, filters such as Git LFS. */
export interface Conversions {
  /**
   * The conversion of each committed path that has one, such as `crlf`, `auto-crlf`, `lfs`, `ident+crlf`. It and the blob decide the
   * bytes that are checked out; for encodings and a filter of the user's own the digest of those bytes is part of it:
   * `encoding=UTF-16:sha256:…`.
   */
  of(entries: readonly TreeEntry[]): Promise<ReadonlyMap<string, string>>;
}

interface AttributedTree {
  readonly repository: Repository;
  readonly parts: readonly SourceRepository[];
  readonly paths: readonly string[];
  read(path: string): Promise<Uint8Array>;
  partOf(path: string): SourceRepository;
  origin(path: string): Origin;
}

const none: ReadonlyMap<string, string> = new Map();

interface Rules {
  readonly mayConvert: boolean;
  readonly settings: Settings;
}

const attributeNames = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding"] as const;
type AttributeName = (typeof attributeNames)[number];

/** Conversions of a tree's committed files. Files of the working tree that replace committed ones are not converted. */
export function makeConversions(tree: AttributedTree): Conversions {
  const rules = new Map<SourceRepository, Promise<Rules>>();
  let attributeFiles: ReadonlyMap<SourceRepository, readonly string[]> | undefined;
  const known = new Map<string, string>();
  /** Entries that were requested in this turn of the event loop, and the promise of their attributes. */
  let next: { readonly entries: Map<string, TreeEntry>; readonly done: Promise<void> } | undefined;

  const rulesOf = (part: SourceRepository): Promise<Rules> => {
    attributeFiles ??= byPart(tree, tree.paths.filter(isAttributeFile), (path) => path);
    const found = rules.get(part) ?? readRules(tree, part, attributeFiles.get(part) ?? []);
    rules.set(part, found);
    return found;
  };

  const look = async (entries: ReadonlyMap<string, TreeEntry>): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    next = undefined;
    for (const [part, own] of byPart(tree, [...entries.values()], ({ path }) => path)) {
      const { mayConvert, settings } = await rulesOf(part);
      if (mayConvert) await lookInPart(part, own, settings, known);
      else for (const { path } of own) known.set(path, "");
    }
  };

  return {
    of: async (entries) => {
      const all = await Promise.all(tree.parts.map(rulesOf));
      if (!all.some(({ mayConvert }) => mayConvert)) return none;
      const files = entries.filter(
        ({ path, mode }) => (mode === "100644" || mode === "100755") && tree.origin(path) !== "working-tree",
      );
      const unknown = files.filter(({ path }) => !known.has(path));
      if (unknown.length > 0) {
        if (next === undefined) {
          const waiting = new Map<string, TreeEntry>();
          next = { entries: waiting, done: look(waiting) };
        }
        for (const entry of unknown) next.entries.set(entry.path, entry);
        await next.done;
      }
      return new Map(files.flatMap(({ path }) => (known.get(path) ? [[path, known.get(path) ?? ""] as const] : [])));
    },
  };
}

/** Values by the repository or submodule that their path belongs to. */
function byPart<T>(
  tree: AttributedTree,
  values: readonly T[],
  pathOf: (value: T) => string,
): ReadonlyMap<SourceRepository, readonly T[]> {
  const groups = new Map<SourceRepository, T[]>();
  for (const value of values) {
    const part = tree.partOf(pathOf(value));
    const own = groups.get(part) ?? [];
    own.push(value);
    groups.set(part, own);
  }
  return groups;
}

async function lookInPart(
  part: SourceRepository,
  entries: readonly TreeEntry[],
  settings: Settings,
  known: Map<string, string>,
): Promise<void> {
  const attributes = await readAttributes(
    part,
    entries.map(({ path }) => path.slice(part.prefix.length)),
  );
  for (const entry of entries) {
    const found = attributes.get(entry.path.slice(part.prefix.length)) ?? new Map<AttributeName, string>();
    const conversion = conversionOf(found, settings);
    const isOfPrograms = conversion.includes("filter=") || conversion.includes("encoding=");
    known.set(entry.path, isOfPrograms ? await withContent(part, entry, conversion) : conversion);
  }
}

async function withContent(part: SourceRepository, entry: TreeEntry, conversion: string): Promise<string> {
  const bytes = await readConverted(part, entry);
  return `${conversion}:${blobDigest(bytes, "sha256")}`;
}

/** A committed file's bytes as git checks them out here and now, made by git and its filters from the blob. */
export async function readConverted(part: SourceRepository, entry: TreeEntry): Promise<Uint8Array> {
  const id = entry.digest.slice(entry.digest.indexOf(":") + 1);
  return part.git(["cat-file", "--filters", `--path=${entry.path.slice(part.prefix.length)}`, id]);
}

/** Asks git for the attributes at the part's commit, never those of edited attribute files, staged ones neither. */
async function readAttributes(
  part: SourceRepository,
  paths: readonly string[],
): Promise<Map<string, Map<AttributeName, string>>> {
  const stdin = `${paths.join("\0")}\0`;
  const args = ["check-attr", "-z", "--stdin", "--cached", ...attributeNames];
  const isIndexAtCommit = part.isCheckedOut && ![...part.changed].some(isAttributeFile);
  if (isIndexAtCommit) return parseAttributes(splitNames(await part.git(args, { stdin })));
  // Another process may be reading the same commit's attributes.
  const name = `slipway-attributes-${part.commit}-${randomUUID()}`;
  const env = { GIT_INDEX_FILE: await absoluteGitPath(part.git, name) };
  try {
    await part.git(["read-tree", part.commit], { env });
    return parseAttributes(splitNames(await part.git(args, { stdin, env })));
  } finally {
    await rm(env.GIT_INDEX_FILE, { force: true });
  }
}

function isAttributeFile(path: string): boolean {
  return path === ".gitattributes" || path.endsWith("/.gitattributes");
}

async function absoluteGitPath(git: Git, name: string): Promise<string> {
  return decodeText(await git(["rev-parse", "--path-format=absolute", "--git-path", name])).trim();
}

/** Triples of path, attribute and value. Source: git-check-attr(1), "OUTPUT". */
function parseAttributes(fields: readonly string[]): Map<string, Map<AttributeName, string>> {
  const byPath = new Map<string, Map<AttributeName, string>>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", given, value = ""] = fields.slice(at, at + 3);
    const name = attributeNames.find((each) => each === given);
    if (name === undefined || value === "unspecified") continue;
    const attributes = byPath.get(path) ?? new Map<AttributeName, string>();
    byPath.set(path, attributes.set(name, value));
  }
  return byPath;
}

/** The conversion on checkout, by attributes and settings. Source: gitattributes(5), "Checking-out and checking-in". */
export function conversionOf(attributes: ReadonlyMap<AttributeName, string>, settings: Settings): string {
  const conversions: string[] = [];
  const encoding = attributes.get("working-tree-encoding");
  if (encoding !== undefined && encoding !== "unset" && encoding !== "set") conversions.push(`encoding=${encoding}`);
  if (attributes.get("ident") === "set") conversions.push("ident");
  const crlf = crlfOf(attributes, settings);
  if (crlf !== undefined) conversions.push(crlf);
  const filter = attributes.get("filter");
  if (filter === "lfs") conversions.push("lfs");
  else if (
    filter !== undefined &&
    (settings.has(`filter.${filter}.smudge`) || settings.has(`filter.${filter}.process`))
  ) {
    conversions.push(`filter=${filter}`);
  }
  return conversions.join("+");
}

/** `crlf`: every LF becomes CRLF. `auto-crlf`: the same where git takes the content for text. Source: git, convert.c, `convert_attrs`. */
function crlfOf(attributes: ReadonlyMap<AttributeName, string>, settings: Settings): "crlf" | "auto-crlf" | undefined {
  const text = knownText(attributes.get("text")) ?? knownText(attributes.get("crlf"));
  const eol = attributes.get("eol");
  if (text === "unset") return undefined;
  if (eol === "crlf") return text === "auto" ? "auto-crlf" : "crlf";
  if (eol === "lf" || text === "input") return undefined;
  const autocrlf = settings.get("core.autocrlf");
  if (autocrlf === "true") return text === "set" ? "crlf" : "auto-crlf";
  if (autocrlf === "input" || text === undefined) return undefined;
  const native = settings.get("core.eol") ?? "native";
  const isCrlf = native === "crlf" || (native === "native" && EOL === "\r\n");
  if (!isCrlf) return undefined;
  return text === "auto" ? "auto-crlf" : "crlf";
}

/** git ignores an unknown value of `text`. */
function knownText(value: string | undefined): string | undefined {
  return value !== undefined && ["set", "unset", "input", "auto"].includes(value) ? value : undefined;
}

async function readRules(tree: AttributedTree, part: SourceRepository, inTree: readonly string[]): Promise<Rules> {
  const { repository } = tree;
  const settings = part.prefix === "" ? repository.settings : await readSettings(repository.host, part.root);
  const files = await Promise.all([
    ...inTree.map(async (path) => decodeText(await tree.read(path))),
    readOutside(tree, part, settings),
  ]);
  const lines = files.join("\n").split("\n");
  const rules = lines.filter((line) => !line.trimStart().startsWith("#")).join("\n");
  const isCrlfNative = settings.get("core.eol") === "crlf" || EOL === "\r\n";
  return {
    settings,
    mayConvert:
      settings.get("core.autocrlf") === "true" ||
      isCrlfNative ||
      /eol=crlf|\bident\b|\bfilter=|\bworking-tree-encoding=/.test(rules),
  };
}

/** Attribute files outside of the tree: the clone's, the user's and the machine's. */
async function readOutside(tree: AttributedTree, part: SourceRepository, settings: Settings): Promise<string> {
  const { env } = tree.repository.host;
  const home = env["XDG_CONFIG_HOME"] ?? (env["HOME"] === undefined ? undefined : join(env["HOME"], ".config"));
  const named = settings.get("core.attributesfile")?.replace(/^~(?=\/)/, env["HOME"] ?? "~");
  const own = named ?? (home === undefined ? undefined : join(home, "git", "attributes"));
  const { attributesFile } = tree.repository;
  const info = part.prefix === "" ? attributesFile : await absoluteGitPath(part.git, "info/attributes");
  const places = [info, own, "/etc/gitattributes"].filter((place) => place !== undefined);
  const texts = await Promise.all(places.map((place) => readFile(place, "utf8").catch(() => "")));
  return texts.join("\n");
}
