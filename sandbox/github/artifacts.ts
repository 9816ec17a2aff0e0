import { createHash } from "node:crypto";
import type { BlobStore } from "./blobs.ts";
import {
  type GitHubAnswer,
  type JsonObject,
  answer,
  asText,
  json,
  notFound,
  pageOf,
  refusal,
  twirpError,
} from "./message.ts";
import type { Route } from "./route.ts";
import type { Runs } from "./runs.ts";
import type { RuntimeClaims } from "./token.ts";

/** One artifact of a run. Times are in milliseconds. */
export interface Artifact {
  readonly id: number;
  readonly runBackendId: string;
  readonly jobBackendId: string;
  readonly name: string;
  readonly blobId: string;
  /** Undefined while it is being uploaded. */
  readonly bytes: number | undefined;
  readonly digest: string;
  readonly type: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

const mostPerJob = 500;
const defaultDays = 90;

export interface ArtifactStore {
  /** Whole ones, oldest first, also those that have expired. */
  list(): readonly Artifact[];
  put(artifact: Artifact): void;
  remove(artifact: Artifact): void;
  make(claims: RuntimeClaims, name: string, type: string, expiresAt: number | undefined): Artifact | undefined;
  pending(claims: RuntimeClaims, name: string): Artifact | undefined;
  bytesOf(artifact: Artifact): Uint8Array | undefined;
}

export function makeArtifactStore(blobs: BlobStore, runs: Runs, now: () => number): ArtifactStore {
  const artifacts = new Map<number, Artifact>();
  let lastId = 0;
  /** A name is taken once an attempt; a re-run may upload it again, and the newest counts. */
  const sameAttempt = (artifact: Artifact, claims: RuntimeClaims) =>
    artifact.runBackendId === claims.runBackendId &&
    runs.attemptOf(artifact.jobBackendId) === runs.attemptOf(claims.jobBackendId);
  return {
    list: () => [...artifacts.values()].filter((artifact) => artifact.bytes !== undefined),
    put: (artifact) => void artifacts.set(artifact.id, artifact),
    remove(artifact) {
      artifacts.delete(artifact.id);
      blobs.remove(artifact.blobId);
    },
    make(claims, name, type, expiresAt) {
      const taken = [...artifacts.values()].some((each) => each.name === name && sameAttempt(each, claims));
      if (taken) return undefined;
      const createdAt = now();
      const artifact: Artifact = {
        id: ++lastId,
        runBackendId: claims.runBackendId,
        jobBackendId: claims.jobBackendId,
        name,
        blobId: blobs.make(),
        bytes: undefined,
        digest: "",
        type,
        createdAt,
        expiresAt: expiresAt ?? createdAt + defaultDays * 86_400_000,
      };
      artifacts.set(artifact.id, artifact);
      return artifact;
    },
    pending: (claims, name) =>
      [...artifacts.values()].find(
        (each) => each.name === name && each.bytes === undefined && sameAttempt(each, claims),
      ),
    bytesOf: (artifact) => blobs.read(artifact.blobId),
  };
}

/** `base` is the address of blobs. */
export interface ArtifactDeps {
  readonly artifacts: ArtifactStore;
  readonly blobs: BlobStore;
  readonly base: string;
  readonly now: () => number;
}

/** Artifact service, version 4 of the actions, for a token that was checked. */
export function answerArtifactService(
  deps: ArtifactDeps,
  method: string,
  claims: RuntimeClaims,
  message: JsonObject,
): GitHubAnswer {
  const { artifacts, blobs, base, now } = deps;
  const name = asText(message["name"]);
  if (message["workflow_run_backend_id"] !== claims.runBackendId) {
    return twirpError(403, "permission_denied", "the token is not of this workflow run");
  }
  const there = artifacts
    .list()
    .filter((each) => each.runBackendId === claims.runBackendId && each.expiresAt > now())
    .reverse();
  switch (method) {
    case "CreateArtifact": {
      if (there.filter((each) => each.jobBackendId === claims.jobBackendId).length >= mostPerJob) {
        return twirpError(429, "resource_exhausted", `a job can have at most ${mostPerJob} artifacts`);
      }
      const expires = Date.parse(asText(message["expires_at"]));
      const type = asText(message["mime_type"]) || "application/zip";
      const made = artifacts.make(claims, name, type, Number.isNaN(expires) ? undefined : expires);
      if (made === undefined) {
        return twirpError(409, "already_exists", "an artifact with this name already exists on the workflow run");
      }
      return json(200, { ok: true, signed_upload_url: base + blobs.sign(made.blobId, "write") });
    }
    case "FinalizeArtifact": {
      const artifact = artifacts.pending(claims, name);
      const bytes = artifact && artifacts.bytesOf(artifact);
      if (artifact === undefined || bytes === undefined) return twirpError(404, "not_found", "no such upload");
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      artifacts.put({ ...artifact, bytes: bytes.length, digest });
      return json(200, { ok: true, artifact_id: String(artifact.id) });
    }
    case "ListArtifacts": {
      const idFilter = message["id_filter"];
      const found = there
        .filter((each) => message["name_filter"] === undefined || each.name === message["name_filter"])
        .filter(
          (each) =>
            idFilter === undefined || String(each.id) === (typeof idFilter === "number" ? String(idFilter) : idFilter),
        );
      return json(200, { artifacts: found.map(describeToService) });
    }
    case "GetSignedArtifactURL": {
      const found = there.find((each) => each.name === name);
      if (found === undefined) return twirpError(404, "not_found", "artifact not found");
      return json(200, { signed_url: base + downloadOf(blobs, found) });
    }
    case "DeleteArtifact": {
      const found = there.find((each) => each.name === name);
      if (found === undefined) return twirpError(404, "not_found", "artifact not found");
      artifacts.remove(found);
      return json(200, { ok: true, artifact_id: String(found.id) });
    }
  }
  return twirpError(404, "bad_route", `no method ${method}`);
}

function describeToService(artifact: Artifact): object {
  return {
    workflow_run_backend_id: artifact.runBackendId,
    workflow_job_run_backend_id: artifact.jobBackendId,
    database_id: String(artifact.id),
    name: artifact.name,
    size: String(artifact.bytes ?? 0),
    created_at: new Date(artifact.createdAt).toISOString(),
    digest: artifact.digest,
  };
}

function downloadOf(blobs: BlobStore, artifact: Artifact): string {
  const isZip = artifact.type === "application/zip" || artifact.type === "zip";
  return blobs.sign(artifact.blobId, "read", {
    name: isZip ? `${artifact.name}.zip` : artifact.name,
    type: isZip ? "application/zip" : artifact.type,
  });
}

/** https://docs.github.com/rest/actions/artifacts. `root` is the address of the repository in the API. */
export function artifactRoutes(deps: ArtifactDeps, runs: Runs, root: string): readonly Route[] {
  const { artifacts, blobs, base, now } = deps;
  const describe = (artifact: Artifact) => ({
    id: artifact.id,
    node_id: Buffer.from(`Artifact${artifact.id}`).toString("base64url"),
    name: artifact.name,
    size_in_bytes: artifact.bytes ?? 0,
    url: `${root}/actions/artifacts/${artifact.id}`,
    archive_download_url: `${root}/actions/artifacts/${artifact.id}/zip`,
    expired: artifact.expiresAt <= now(),
    created_at: new Date(artifact.createdAt).toISOString(),
    updated_at: new Date(artifact.createdAt).toISOString(),
    expires_at: new Date(artifact.expiresAt).toISOString(),
    digest: artifact.digest,
    workflow_run: runs.describeFor(artifact.runBackendId),
  });
  const listed: Route["handle"] = ({ request, params }) => {
    const name = request.url.searchParams.get("name");
    const run = params["run"];
    const found = artifacts
      .list()
      .filter((each) => name === null || each.name === name)
      .filter((each) => run === undefined || runs.idOf(each.runBackendId) === run)
      .reverse();
    const { items, headers } = pageOf(request, found);
    return json(200, { total_count: found.length, artifacts: items.map(describe) }, headers);
  };
  const one = (id: string | undefined) => artifacts.list().find((each) => String(each.id) === id);
  return [
    { on: "GET /repos/:owner/:repo/actions/artifacts", handle: listed },
    { on: "GET /repos/:owner/:repo/actions/runs/:run/artifacts", handle: listed },
    {
      on: "GET /repos/:owner/:repo/actions/artifacts/:id",
      handle({ params }) {
        const found = one(params["id"]);
        return found === undefined ? notFound() : json(200, describe(found));
      },
    },
    {
      on: "DELETE /repos/:owner/:repo/actions/artifacts/:id",
      handle({ params }) {
        const found = one(params["id"]);
        if (found === undefined) return notFound();
        artifacts.remove(found);
        return answer(204);
      },
    },
    {
      on: "GET /repos/:owner/:repo/actions/artifacts/:id/zip",
      handle({ params }) {
        const found = one(params["id"]);
        if (found === undefined) return notFound();
        if (found.expiresAt <= now()) return refusal(410, "Artifact has expired");
        return answer(302, { location: base + downloadOf(blobs, found) });
      },
    },
  ];
}
