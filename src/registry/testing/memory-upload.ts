import { digestOf } from "../../model/digest.ts";
import { joinBytes } from "../wire.ts";
import { type MemoryAnswer, type MemoryRequest, answer, errorAnswer } from "./memory-message.ts";
import type { Abilities } from "./memory-protocol.ts";
import type { Store, UploadSession } from "./memory-store.ts";

/** Answers uploads: sessions with chunks, whole blobs, and mounts. Source: distribution-spec, "Pushing blobs". */
export function answerUpload(
  store: Store,
  abilities: Abilities,
  request: MemoryRequest,
  { repository: name, reference: id }: { readonly repository: string; readonly reference: string },
): MemoryAnswer {
  if (request.method === "POST" && id === "") return begin(store, abilities, request, name);
  const session = store.uploads.get(id);
  const state = request.url.searchParams.get("_state");
  const isStale = abilities.uploadStates && state !== null && session !== undefined && state !== String(session.size);
  if (session === undefined || session.repository !== name || isStale) {
    return errorAnswer(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
  }
  switch (request.method) {
    case "GET":
      return answer(204, progress(name, id, session));
    case "PATCH":
      return append(abilities, request, name, id, session);
    case "PUT":
      return finish(store, request, name, id, session);
    case "DELETE":
      store.uploads.delete(id);
      return answer(204);
    default:
      return answer(405);
  }
}

function begin(store: Store, abilities: Abilities, request: MemoryRequest, name: string): MemoryAnswer {
  const { searchParams } = request.url;
  const mount = searchParams.get("mount");
  const from = searchParams.get("from");
  if (abilities.mounts && mount !== null && from !== null) {
    const found = [...(store.repositories.get(from)?.blobs ?? [])].find(([digest]) => digest === mount);
    if (found !== undefined) {
      store.repository(name).blobs.set(found[0], found[1]);
      return answer(201, { location: `/v2/${name}/blobs/${mount}`, "docker-content-digest": mount });
    }
  }
  store.repository(name);
  const id = `upload-${store.nextUpload()}`;
  const session: UploadSession = { repository: name, parts: [], size: 0 };
  store.uploads.set(id, session);
  return answer(202, progress(name, id, session));
}

function append(
  abilities: Abilities,
  request: MemoryRequest,
  name: string,
  id: string,
  session: UploadSession,
): MemoryAnswer {
  if (request.body.length > abilities.mostChunkBytes) {
    return errorAnswer(416, "SIZE_INVALID", "the request body is too large");
  }
  const range = /^(\d+)-(\d+)$/.exec(request.headers["content-range"] ?? "");
  const isInStep =
    range === null ||
    (Number(range[1]) === session.size && Number(range[2]) === session.size + request.body.length - 1);
  if (!isInStep) {
    const headers = progress(name, id, session);
    return errorAnswer(416, "RANGE_INVALID", "invalid content range", headers);
  }
  session.parts.push(request.body.slice());
  session.size += request.body.length;
  return answer(202, progress(name, id, session));
}

function finish(store: Store, request: MemoryRequest, name: string, id: string, session: UploadSession): MemoryAnswer {
  const whole = joinBytes([...session.parts, request.body], session.size + request.body.length).slice();
  const digest = digestOf(whole);
  if (digest !== request.url.searchParams.get("digest")) {
    store.uploads.delete(id);
    return errorAnswer(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  }
  store.repository(name).blobs.set(digest, whole);
  store.uploads.delete(id);
  return answer(201, { location: `/v2/${name}/blobs/${digest}`, "docker-content-digest": digest });
}

function progress(name: string, id: string, session: UploadSession): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}?_state=${session.size}`,
    range: `0-${Math.max(0, session.size - 1)}`,
    "docker-upload-uuid": id,
  };
}
