import type { EmulatorAnswer } from "./emulate.ts";
import { type JsonObject, asObject, asText, objectsIn } from "./message.ts";

/** The bytes of an asset. */
interface StoredAsset {
  readonly blobId: string;
  readonly digest: string;
  readonly name: string;
}

/** A draft of a tag that another release has: the emulator knows it by another name. */
export interface Draft {
  readonly name: string;
  readonly tag: string;
}

/** State of releases that the emulator does not keep. */
export interface ReleaseBook {
  /** A name for a further draft of a tag. */
  nameDraft(tag: string): Draft;
  /** The name that a draft gets so that another release can have its tag. */
  hide(release: JsonObject): string;
  tagOf(release: JsonObject): string;
  /** Remembers whether a published release is the latest. */
  note(made: EmulatorAnswer, makeLatest: unknown, draft?: Draft): void;
  latest(releases: readonly JsonObject[]): JsonObject | undefined;
  addAsset(id: number, asset: StoredAsset): void;
  assetOf(id: number): StoredAsset | undefined;
  burn(tag: string): void;
  isBurned(tag: string): boolean;
  /** A release, an asset, or a list of them, as GitHub would answer. */
  correct(value: unknown): unknown;
}

export function makeReleaseBook(isImmutable: boolean): ReleaseBook {
  const assets = new Map<number, StoredAsset>();
  const tags = new Map<string, string>();
  const burned = new Set<string>();
  let latestId: number | undefined;
  let count = 0;

  const nameDraft = (tag: string): Draft => {
    const name = `${tag}~draft-${++count}`;
    tags.set(name, tag);
    return { name, tag };
  };
  const tagOf = (release: JsonObject) => tags.get(asText(release["tag_name"])) ?? asText(release["tag_name"]);

  const correctAsset = (asset: JsonObject, folder?: string): JsonObject => ({
    ...asset,
    digest: assets.get(Number(asset["id"]))?.digest ?? null,
    ...(asObject(asset["uploader"]) === undefined ? {} : { uploader: asBot(asset["uploader"]) }),
    ...(folder === undefined ? {} : { browser_download_url: `${folder}/${asText(asset["name"])}` }),
  });
  const correctRelease = (release: JsonObject): JsonObject => {
    const tag = tagOf(release);
    const page = release["draft"] === true ? `untagged-${String(release["id"]).padStart(20, "0")}` : tag;
    const root = asText(release["html_url"]).replace(/\/releases\/.*$/, "/releases");
    return {
      ...release,
      tag_name: tag,
      html_url: `${root}/tag/${page}`,
      author: asBot(release["author"]),
      immutable: isImmutable && release["draft"] === false,
      updated_at: release["published_at"] ?? release["created_at"],
      assets: objectsIn(release["assets"]).map((asset) => correctAsset(asset, `${root}/download/${page}`)),
    };
  };
  const correct = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(correct);
    const object = asObject(value);
    if (object?.["tag_name"] !== undefined) return correctRelease(object);
    return object?.["browser_download_url"] === undefined ? value : correctAsset(object);
  };

  return {
    nameDraft,
    hide: (release) => nameDraft(tagOf(release)).name,
    tagOf,
    note({ value }, makeLatest) {
      const release = asObject(value);
      const isCandidate = release?.["draft"] === false && release["prerelease"] !== true;
      if (isCandidate && makeLatest !== "false") latestId = Number(release["id"]);
    },
    latest(releases) {
      const visible = releases.filter((each) => each["draft"] === false && each["prerelease"] !== true);
      return visible.find((each) => each["id"] === latestId) ?? visible[0];
    },
    addAsset: (id, asset) => void assets.set(id, asset),
    assetOf: (id) => assets.get(id),
    burn(tag) {
      if (isImmutable) burned.add(tag);
    },
    isBurned: (tag) => burned.has(tag),
    correct,
  };
}

function asBot(account: unknown): unknown {
  const fields = asObject(account);
  return asText(fields?.["login"]).endsWith("[bot]") ? { ...fields, type: "Bot" } : account;
}
