import { createHash } from "node:crypto";
import type { BlobStore } from "./blobs.ts";
import type { Emulator, EmulatorAnswer } from "./emulate.ts";
import type { GitFolder } from "./git.ts";
import {
  type GitHubAnswer,
  type GitHubRequest,
  type JsonObject,
  answer,
  asObject,
  asText,
  invalid,
  notFound,
  objectIn,
  objectsIn,
  refusal,
} from "./message.ts";
import { type Draft, makeReleaseBook } from "./release-book.ts";
import type { Call, Route } from "./route.ts";
import { isAllowed } from "./token.ts";

const mostBodyCharacters = 125_000;

/** Releases as the emulator keeps them, with what it leaves out: assets' bytes, tags, drafts, limits, immutability. */
export function releaseRoutes(deps: {
  readonly emulator: Emulator;
  readonly blobs: BlobStore;
  readonly git: GitFolder | undefined;
  readonly isImmutable: boolean;
  readonly base: string;
  readonly finish: (given: EmulatorAnswer, request: GitHubRequest) => GitHubAnswer;
}): readonly Route[] {
  const { emulator, blobs, git, base } = deps;
  const book = makeReleaseBook(deps.isImmutable);
  const finish = (given: EmulatorAnswer, request: GitHubRequest) =>
    deps.finish({ ...given, value: book.correct(given.value) }, request);
  const root = ({ owner = "", repo = "" }: Call["params"]) => `/repos/${owner}/${repo}/releases`;
  const get = async (call: Call, rest: string): Promise<EmulatorAnswer> =>
    emulator.call({ method: "GET", body: Buffer.alloc(0), headers: {} }, root(call.params) + rest);
  const send = (call: Call, rest: string, body: JsonObject): Promise<EmulatorAnswer> =>
    emulator.call(
      {
        method: call.request.method,
        body: Buffer.from(JSON.stringify(body)),
        headers: { "content-type": "application/json" },
      },
      root(call.params) + rest,
    );
  const everyRelease = async (call: Call): Promise<readonly JsonObject[]> => {
    const all: JsonObject[] = [];
    for (let page = 1; ; page++) {
      const items = objectsIn((await get(call, `?per_page=100&page=${page}`)).value);
      all.push(...items);
      if (items.length < 100) return all;
    }
  };
  const seesDrafts = ({ caller }: Call) => isAllowed(caller, "contents", "write");

  /** Before a release becomes visible: its tag must be free, and exist or be made. */
  const whyNotPublished = async (call: Call, tag: string, target: string, id?: number) => {
    if (book.isBurned(tag)) {
      return invalid({
        resource: "Release",
        code: "custom",
        field: "tag_name",
        message: "tag_name was used by an immutable release",
      });
    }
    const holder = (await everyRelease(call)).find((each) => each["tag_name"] === tag && each["id"] !== id);
    if (holder !== undefined && holder["draft"] !== true) {
      return invalid({ resource: "Release", code: "already_exists", field: "tag_name" });
    }
    if (holder !== undefined) {
      await emulator.call(
        { method: "PATCH", body: Buffer.from(JSON.stringify({ tag_name: book.hide(holder) })), headers: {} },
        `${root(call.params)}/${String(holder["id"])}`,
      );
    }
    if (git === undefined || (await git.commitOf(`refs/tags/${tag}`)) !== undefined) return undefined;
    const commit = await git.commitOf(target === "" ? "HEAD" : target);
    if (commit === undefined) return invalid({ resource: "Release", code: "invalid", field: "target_commitish" });
    await git.makeTag(tag, commit);
    return undefined;
  };

  const create = async (call: Call): Promise<GitHubAnswer> => {
    const wanted = objectIn(call.request.body) ?? {};
    const tag = asText(wanted["tag_name"]);
    const isDraft = wanted["draft"] === true;
    const fault =
      faultIn(wanted) ?? (isDraft ? undefined : await whyNotPublished(call, tag, asText(wanted["target_commitish"])));
    if (fault !== undefined) return fault;
    const taken = isDraft && (await everyRelease(call)).some((each) => each["tag_name"] === tag);
    const draft: Draft | undefined = taken ? book.nameDraft(tag) : undefined;
    const made = await send(call, "", { ...wanted, ...(draft === undefined ? {} : { tag_name: draft.name }) });
    book.note(made, wanted["make_latest"], draft);
    return finish(made, call.request);
  };

  const update = async (call: Call): Promise<GitHubAnswer> => {
    const wanted = objectIn(call.request.body) ?? {};
    const there = asObject((await get(call, `/${call.params["id"]}`)).value);
    const id = Number(there?.["id"]);
    if (there === undefined || !Number.isFinite(id)) return notFound();
    const tag = asText(wanted["tag_name"]) || book.tagOf(there);
    const isFrozen = deps.isImmutable && there["draft"] === false;
    if (isFrozen && (tag !== book.tagOf(there) || wanted["draft"] === true)) {
      return refusal(422, "Cannot update the tag of an immutable release.");
    }
    const publishes = there["draft"] === true && wanted["draft"] === false;
    const target = asText(wanted["target_commitish"]) || asText(there["target_commitish"]);
    const fault = faultIn(wanted) ?? (publishes ? await whyNotPublished(call, tag, target, id) : undefined);
    if (fault !== undefined) return fault;
    const name = publishes ? tag : tag === book.tagOf(there) ? asText(there["tag_name"]) : tag;
    const updated = await send(call, `/${id}`, { ...wanted, tag_name: name });
    book.note(updated, publishes ? (wanted["make_latest"] ?? "true") : (wanted["make_latest"] ?? "false"));
    return finish(updated, call.request);
  };

  const upload = async (call: Call): Promise<GitHubAnswer> => {
    const release = asObject((await get(call, `/${call.params["id"]}`)).value);
    if (release?.["id"] === undefined) return notFound();
    const name = call.request.url.searchParams.get("name") ?? "";
    if (deps.isImmutable && release["draft"] === false) {
      return refusal(422, "Cannot upload assets to an immutable release.");
    }
    if (objectsIn(release["assets"]).some((asset) => asset["name"] === name)) {
      return invalid({ resource: "ReleaseAsset", code: "already_exists", field: "name" });
    }
    const { pathname, search } = call.request.url;
    const made = await emulator.call(call.request, pathname.slice(pathname.indexOf("/repos/")) + search);
    const id = Number(asObject(made.value)?.["id"]);
    const digest = `sha256:${createHash("sha256").update(call.request.body).digest("hex")}`;
    book.addAsset(id, { blobId: blobs.make(call.request.body), digest, name });
    return finish(made, call.request);
  };

  const assetAt = (call: Call) => get(call, `/assets/${call.params["id"]}`);
  return [
    { on: "POST /repos/:owner/:repo/releases", handle: create },
    { on: "PATCH /repos/:owner/:repo/releases/:id", handle: update },
    { on: "POST /repos/:owner/:repo/releases/:id/assets", handle: upload },
    {
      on: "GET /repos/:owner/:repo/releases",
      async handle(call) {
        const given = await get(call, call.request.url.search);
        const seen = objectsIn(given.value).filter((each) => seesDrafts(call) || each["draft"] !== true);
        return finish({ ...given, value: seen }, call.request);
      },
    },
    {
      on: "GET /repos/:owner/:repo/releases/latest",
      async handle(call) {
        const latest = book.latest(await everyRelease(call));
        return latest === undefined ? notFound() : finish({ status: 200, headers: {}, value: latest }, call.request);
      },
    },
    {
      on: "GET /repos/:owner/:repo/releases/tags/:tag",
      async handle(call) {
        const given = await get(call, `/tags/${encodeURIComponent(call.params["tag"] ?? "")}`);
        return asObject(given.value)?.["draft"] === true ? notFound() : finish(given, call.request);
      },
    },
    {
      on: "GET /repos/:owner/:repo/releases/:id",
      async handle(call) {
        const given = await get(call, `/${call.params["id"]}`);
        const isHidden = asObject(given.value)?.["draft"] === true && !seesDrafts(call);
        return isHidden ? notFound() : finish(given, call.request);
      },
    },
    {
      on: "DELETE /repos/:owner/:repo/releases/:id",
      async handle(call) {
        const there = asObject((await get(call, `/${call.params["id"]}`)).value);
        if (there?.["draft"] === false) book.burn(asText(there["tag_name"]));
        return finish(await emulator.call(call.request, `${root(call.params)}/${call.params["id"]}`), call.request);
      },
    },
    {
      on: "GET /repos/:owner/:repo/releases/assets/:id",
      async handle(call) {
        const given = await assetAt(call);
        const asset = book.assetOf(Number(call.params["id"]));
        const wantsBytes = (call.request.headers["accept"] ?? "").includes("application/octet-stream");
        if (given.status !== 200 || asset === undefined || !wantsBytes) return finish(given, call.request);
        return answer(302, { location: base + blobs.sign(asset.blobId, "read", { name: asset.name }) });
      },
    },
    {
      on: "DELETE /repos/:owner/:repo/releases/assets/:id",
      async handle(call) {
        const holder = (await everyRelease(call)).find((release) =>
          objectsIn(release["assets"]).some((asset) => String(asset["id"]) === call.params["id"]),
        );
        if (deps.isImmutable && holder?.["draft"] === false) {
          return refusal(422, "Cannot delete assets of an immutable release.");
        }
        return finish(
          await emulator.call(call.request, `${root(call.params)}/assets/${call.params["id"]}`),
          call.request,
        );
      },
    },
    {
      on: "GET /:owner/:repo/releases/download/:tag/:name",
      async handle(call) {
        const release = (await everyRelease(call)).find((each) => each["tag_name"] === call.params["tag"]);
        const assets = release?.["draft"] === false ? objectsIn(release["assets"]) : [];
        const found = assets.find((asset) => asset["name"] === call.params["name"]);
        const asset = book.assetOf(Number(found?.["id"]));
        if (asset === undefined) return notFound();
        return answer(302, { location: base + blobs.sign(asset.blobId, "read", { name: asset.name }) });
      },
    },
  ];
}

function faultIn(wanted: JsonObject): GitHubAnswer | undefined {
  if (asText(wanted["body"]).length <= mostBodyCharacters) return undefined;
  const message = `body is too long (maximum is ${mostBodyCharacters} characters)`;
  return invalid({ resource: "Release", code: "custom", field: "body", message });
}
