// Content of a registry, read with bare HTTP, because the trial must not rely on the client that it tests.

/** Tags of one image name with what they lead to. */
export interface ObservedName {
  readonly digests: Readonly<Record<string, string>>;
  /** Of each tag: the layers' content, which is the same whenever the same files were built. */
  readonly contents: Readonly<Record<string, string>>;
}

/** Everything that people see under a prefix: image names (without the prefix) with their tags. */
export type Observed = Readonly<Record<string, ObservedName>>;

const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

interface ManifestJson {
  readonly manifests?: readonly { readonly digest: string; readonly platform?: { readonly os?: string } }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/** Reads what people see of these names of a registry: tags of builds, caches and fingerprints are left out. */
export async function observe(host: string, prefix: string, names: readonly string[]): Promise<Observed> {
  const entries = await Promise.all(
    names.map(async (name) => [name, await observeName(host, `${prefix}/${name}`)] as const),
  );
  return Object.fromEntries(entries);
}

async function observeName(host: string, name: string): Promise<ObservedName> {
  const tags = await listTags(host, name);
  const rows = await Promise.all(
    tags.map(async (tag) => {
      const { digest, json } = await getManifest(host, name, tag);
      return { tag, digest, content: await contentOf(host, name, json) };
    }),
  );
  return {
    digests: Object.fromEntries(rows.map(({ tag, digest }) => [tag, digest])),
    contents: Object.fromEntries(rows.map(({ tag, content }) => [tag, content])),
  };
}

async function listTags(host: string, name: string): Promise<string[]> {
  const response = await fetch(`http://${host}/v2/${name}/tags/list`);
  if (!response.ok) return [];
  const { tags } = (await response.json()) as { tags: string[] | null };
  return (tags ?? []).filter((tag) => !/^(?:fp|build|cache)-/.test(tag)).sort();
}

/** Any manifest, or throws: what a tag leads to must be there. */
async function getManifest(
  host: string,
  name: string,
  reference: string,
): Promise<{ digest: string; json: ManifestJson }> {
  const response = await fetch(`http://${host}/v2/${name}/manifests/${reference}`, { headers: { accept } });
  if (!response.ok) throw new Error(`${name}:${reference} leads to nothing (${response.status})`);
  const digest = response.headers.get("docker-content-digest") ?? "";
  return { digest, json: (await response.json()) as ManifestJson };
}

async function contentOf(host: string, name: string, { manifests, config }: ManifestJson): Promise<string> {
  if (manifests !== undefined) {
    const children = await Promise.all(
      manifests.map(async ({ digest, platform }) => {
        const { json } = await getManifest(host, name, digest);
        return platform?.os === "unknown" ? "" : contentOf(host, name, json);
      }),
    );
    return children.filter((each) => each !== "").join(" + ");
  }
  if (config === undefined) return "";
  const response = await fetch(`http://${host}/v2/${name}/blobs/${config.digest}`);
  if (!response.ok) throw new Error(`${name}: the configuration of an image is not there (${response.status})`);
  const text = await response.text();
  const { rootfs } = JSON.parse(text === "" ? "{}" : text) as { rootfs?: { diff_ids?: string[] } };
  return (rootfs?.diff_ids ?? []).join(" ");
}

/** The digest that a release's record names for each service. */
export async function readRecord(
  host: string,
  name: string,
  tag: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const response = await fetch(`http://${host}/v2/${name}/manifests/${tag}`, { headers: { accept } });
  if (!response.ok) return undefined;
  const { layers } = (await response.json()) as ManifestJson;
  const [layer] = layers ?? [];
  if (layer === undefined) throw new Error(`${name}:${tag} is no record`);
  const blob = await fetch(`http://${host}/v2/${name}/blobs/${layer.digest}`);
  const { services } = (await blob.json()) as { services: { service: string; digest: string }[] };
  return Object.fromEntries(services.map(({ service, digest }) => [service, digest]));
}
