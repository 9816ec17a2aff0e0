import { createHash } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";

/** One request of the floor. What it gives, later ones may be made from. */
interface Call {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: string;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly expect: number;
}

interface Answer {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** What a release in which nothing changed has to ask and to put, apart from how it is done. */
export interface FloorRelease {
  /** `http://127.0.0.1:PORT/v2/…/releases`. */
  readonly releases: string;
  readonly previous: string;
  readonly version: string;
  /** Base images: `http://…/v2/library/node/manifests/24-slim` as repository and tag. */
  readonly bases: readonly { readonly repository: string; readonly tag: string }[];
  readonly services: readonly FloorService[];
}

export interface FloorService {
  readonly repository: string;
  readonly fingerprintTags: readonly string[];
  readonly tags: { readonly version: readonly string[]; readonly moving: readonly string[] };
  readonly index: Manifest;
  /** Other services start from it, so its configuration is read. */
  readonly isNeeded: boolean;
  readonly needs: boolean;
}

export interface Manifest {
  readonly digest: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Makes the requests, over connections that are kept: one after another, or with as many at once as Slipway has. */
export async function releaseBare(release: FloorRelease, at: 1 | 64): Promise<{ seconds: number; requests: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: at });
  let requests = 0;
  const all = async (calls: readonly Call[]): Promise<Answer[]> => {
    requests += calls.length;
    if (at > 1) return Promise.all(calls.map((call) => send(agent, call)));
    const answers: Answer[] = [];
    for (const call of calls) answers.push(await send(agent, call));
    return answers;
  };
  const started = performance.now();
  try {
    await lookUp(release, all);
    await commit(release, all);
    await promote(release, all);
    return { seconds: (performance.now() - started) / 1000, requests };
  } finally {
    agent.destroy();
  }
}

type All = (calls: readonly Call[]) => Promise<Answer[]>;

/** Records, bases with their configuration, published images and whether they are whole. */
async function lookUp({ releases, previous, bases, services }: FloorRelease, all: All): Promise<void> {
  const tops = await all([
    get(`${releases}/tags/list?n=1000`),
    get(`${releases}/manifests/${previous}`),
    ...bases.map(({ repository, tag }) => get(`${repository}/manifests/${tag}`)),
  ]);
  const children = await all(
    tops.slice(2).map((top, index) => get(`${bases[index]?.repository ?? ""}/manifests/${firstChild(top)}`)),
  );
  await all(children.map((child, index) => get(`${bases[index]?.repository ?? ""}/blobs/${configOf(child)}`)));
  await lookUpServices(
    services.filter(({ needs }) => !needs),
    all,
  );
  await lookUpServices(
    services.filter(({ needs }) => needs),
    all,
  );
}

async function lookUpServices(services: readonly FloorService[], all: All): Promise<void> {
  const tags = services.flatMap(({ repository, fingerprintTags, isNeeded }) =>
    fingerprintTags.map((tag) => ({ repository, tag, isNeeded })),
  );
  if (tags.length === 0) return;
  const found = await all(tags.map(({ repository, tag }) => get(`${repository}/manifests/${tag}`)));
  const children = found.flatMap((answer, index) => {
    const place = tags[index];
    if (place === undefined) return [];
    return childrenOf(answer).map((digest, at) => ({ ...place, digest, reads: place.isNeeded && at === 0 }));
  });
  const answers = await all(
    children.map(({ repository, digest, reads }) => {
      const url = `${repository}/manifests/${digest}`;
      return reads ? get(url) : head(url);
    }),
  );
  const images = answers.flatMap((answer, index) => {
    const child = children[index];
    return child?.reads === true ? [get(`${child.repository}/blobs/${configOf(answer)}`)] : [];
  });
  await all(images);
}

/** The version is free, the indexes are there, the record is put and read back. */
async function commit({ releases, version, services }: FloorRelease, all: All): Promise<void> {
  const content = new TextEncoder().encode(
    JSON.stringify({ version, at: performance.now(), services: services.length }),
  );
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  await all([
    head(`${releases}/manifests/${version}`, 404),
    head(`${releases}/blobs/${digest}`, 404),
    ...services.flatMap(({ repository, tags, index }) => [
      ...tags.version.map((tag) => head(`${repository}/manifests/${tag}`, 404)),
      head(`${repository}/manifests/${index.digest}`),
    ]),
  ]);
  const [upload] = await all([{ method: "POST", url: `${releases}/blobs/uploads/`, expect: 202 }]);
  const location = new URL(upload?.headers.location ?? "", releases);
  location.searchParams.set("digest", digest);
  await all([{ method: "PUT", url: location.href, body: content, type: "application/octet-stream", expect: 201 }]);
  await all([put(`${releases}/manifests/${version}`, record(content, digest))]);
  await all([head(`${releases}/manifests/${version}`), get(`${releases}/tags/list?n=1000`)]);
}

/** Every tag is looked at, version tags are put and read back, the records are listed again, the release is marked. */
async function promote({ releases, version, services }: FloorRelease, all: All): Promise<void> {
  await all(
    services.flatMap(({ repository, tags }) => tags.moving.map((tag) => head(`${repository}/manifests/${tag}`))),
  );
  const places = services.flatMap(({ repository, tags, index }) =>
    tags.version.map((tag) => ({ url: `${repository}/manifests/${tag}`, index })),
  );
  await all(places.map(({ url, index }) => put(url, index)));
  await all(places.map(({ url }) => head(url)));
  const [listed, own] = await all([get(`${releases}/tags/list?n=1000`), get(`${releases}/manifests/${version}`)]);
  if (listed === undefined || own === undefined) throw new Error("the floor's record is not there");
  const type = own.headers["content-type"] ?? "";
  await all([put(`${releases}/manifests/promoted.${version}`, { digest: "", type, bytes: own.body })]);
  await all([head(`${releases}/manifests/${version}`)]);
}

function record(content: Uint8Array, digest: string): Manifest {
  const type = "application/vnd.oci.image.manifest.v1+json";
  const layer = { mediaType: "application/octet-stream", digest, size: content.length };
  const manifest = { schemaVersion: 2, mediaType: type, config: layer, layers: [layer] };
  return { digest: "", type, bytes: new TextEncoder().encode(JSON.stringify(manifest)) };
}

function get(url: string): Call {
  return { method: "GET", url, expect: 200 };
}

function head(url: string, expect = 200): Call {
  return { method: "HEAD", url, expect };
}

function put(url: string, { type, bytes }: Manifest): Call {
  return { method: "PUT", url, body: bytes, type, expect: 201 };
}

function childrenOf({ body }: Answer): string[] {
  const { manifests = [] } = JSON.parse(body.toString("utf8")) as { manifests?: { digest: string }[] };
  return manifests.map(({ digest }) => digest);
}

function firstChild(answer: Answer): string {
  return childrenOf(answer)[0] ?? "";
}

function configOf({ body }: Answer): string {
  return (JSON.parse(body.toString("utf8")) as { config: { digest: string } }).config.digest;
}

function send(agent: Agent, { method, url, body, type, expect }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept,
      ...(type === undefined ? {} : { "content-type": type }),
      "content-length": body?.length ?? 0,
    };
    const sent = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === expect) return resolve({ headers: response.headers, body: Buffer.concat(chunks) });
        reject(new Error(`${method} ${url}: ${response.statusCode ?? 0} instead of ${expect}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
