import { asObject, type JsonObject } from "./message.ts";
import type { GitHub } from "./index.ts";

/** Answer with parsed JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
  /** When it is a list. */
  readonly list: readonly JsonObject[];
}

/** Calls the API with a token: `await api("POST", "/releases", { tag_name: "v1" })`; paths are below the repository. */
export function makeApi(github: GitHub, token: string) {
  return async (method: string, path: string, send?: object | string): Promise<Reply> => {
    const url = /^https?:/.test(path)
      ? path
      : github.apiUrl + (path.startsWith("/orgs/") ? path : `/repos/acme/shop${path}`);
    const response = await fetch(url, {
      method,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      ...(send === undefined ? {} : { body: typeof send === "string" ? send : JSON.stringify(send) }),
    });
    return readReply(response);
  };
}

/** Calls one of the Actions services with the token of a job. */
export function makeService(job: Readonly<Record<string, string>>, service: "Cache" | "Artifact") {
  return async (method: string, message: object): Promise<Reply> => {
    const path = `twirp/github.actions.results.api.v1.${service}Service/${method}`;
    const response = await fetch(`${job["ACTIONS_RESULTS_URL"]}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${job["ACTIONS_RUNTIME_TOKEN"]}`, "content-type": "application/json" },
      body: JSON.stringify(message),
    });
    return readReply(response);
  };
}

/** Saves and restores cache entries as a job does. */
export function makeCache(job: Readonly<Record<string, string>>) {
  const call = makeService(job, "Cache");
  return {
    call,
    async save(key: string, content: string): Promise<Reply> {
      const created = await call("CreateCacheEntry", { key, version: "v" });
      if (created.body["ok"] !== true) return created;
      await fetch(String(created.body["signed_upload_url"]), { method: "PUT", body: content });
      return call("FinalizeCacheEntryUpload", { key, version: "v", size_bytes: content.length });
    },
    async load(key: string, restoreKeys: readonly string[] = []): Promise<string | undefined> {
      const found = await call("GetCacheEntryDownloadURL", { key, version: "v", restore_keys: restoreKeys });
      if (found.body["ok"] !== true) return undefined;
      return (await fetch(String(found.body["signed_download_url"]))).text();
    },
  };
}

/** The ids of its run and itself, as a job reads them from its token. */
export function idsOf(job: Readonly<Record<string, string>>): Record<string, string> {
  const claims = (job["ACTIONS_RUNTIME_TOKEN"] ?? "").split(".")[1] ?? "";
  const { scp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { scp: string };
  const [, run = "", id = ""] = scp.split(":");
  return { workflow_run_backend_id: run, workflow_job_run_backend_id: id };
}

/** Uploads an artifact as a job does; the status that it ended with. */
export async function uploadArtifact(
  job: Readonly<Record<string, string>>,
  name: string,
  content: string,
  more: object = {},
): Promise<number> {
  const call = makeService(job, "Artifact");
  const created = await call("CreateArtifact", { ...idsOf(job), name, version: 7, ...more });
  if (created.status !== 200) return created.status;
  await fetch(String(created.body["signed_upload_url"]), { method: "PUT", body: content });
  return (await call("FinalizeArtifact", { ...idsOf(job), name, size: String(content.length) })).status;
}

/** Of what the API describes: a release, an asset, a cache entry. */
export function idOf(value: unknown): string {
  return String(asObject(value)?.["id"]);
}

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const parsed: unknown = text === "" ? undefined : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    body: asObject(parsed) ?? {},
    list: Array.isArray(parsed) ? (parsed as JsonObject[]) : [],
  };
}
