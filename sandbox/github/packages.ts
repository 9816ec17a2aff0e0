import type { Bases } from "./emulate.ts";
import { answer, json, notFound, pageOf, refusal } from "./message.ts";
import type { Route } from "./route.ts";

/** One version of a container package: what the registry calls a manifest. */
export interface PackageVersion {
  readonly id: number;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly downloads: number;
}

/** The container packages of one owner. */
export interface PackageStore {
  /** As if an image had been pushed. Its tags leave the versions that had them. */
  addVersion(
    name: string,
    version: { readonly digest: string; readonly tags?: readonly string[]; readonly downloads?: number },
  ): void;
  versionsOf(name: string): readonly PackageVersion[];
  names(): readonly string[];
  remove(name: string, id?: number): void;
}

export function makePackageStore(now: () => number): PackageStore {
  const packages = new Map<string, PackageVersion[]>();
  let lastId = 0;
  return {
    addVersion(name, { digest, tags = [], downloads = 0 }) {
      const others = (packages.get(name) ?? [])
        .filter((version) => version.digest !== digest)
        .map((version) => ({ ...version, tags: version.tags.filter((tag) => !tags.includes(tag)) }));
      const known = packages.get(name)?.find((version) => version.digest === digest);
      const version = known ?? { id: ++lastId, digest, tags: [], createdAt: now(), downloads };
      packages.set(name, [...others, { ...version, tags: [...new Set([...version.tags, ...tags])] }]);
    },
    versionsOf: (name) => packages.get(name) ?? [],
    names: () => [...packages.keys()].sort(),
    remove(name, id) {
      const rest = id === undefined ? [] : (packages.get(name) ?? []).filter((version) => version.id !== id);
      if (rest.length === 0) packages.delete(name);
      else packages.set(name, rest);
    },
  };
}

interface PackageOwner {
  readonly login: string;
  readonly kind: "Organization" | "User";
  /** The owner as the API describes it. */
  readonly describe: object;
}

/** https://docs.github.com/rest/packages/packages; container packages only. */
export function packageRoutes(
  store: PackageStore,
  owner: PackageOwner,
  { api: apiUrl, site: url }: Bases,
): readonly Route[] {
  const root = `/${owner.kind === "Organization" ? "orgs" : "users"}/:owner/packages`;
  const addressOf = (name: string) =>
    `/${owner.kind === "Organization" ? "orgs" : "users"}/${owner.login}/packages/container/${encodeURIComponent(name)}`;
  const describe = (name: string) => {
    const versions = store.versionsOf(name);
    const times = versions.map((version) => version.createdAt);
    return {
      id: 1 + store.names().indexOf(name),
      name,
      package_type: "container",
      owner: owner.describe,
      version_count: versions.length,
      visibility: "public",
      url: apiUrl + addressOf(name),
      created_at: new Date(Math.min(...times)).toISOString(),
      updated_at: new Date(Math.max(...times)).toISOString(),
      html_url: url + addressOf(name),
    };
  };
  const describeVersion = (name: string, version: PackageVersion) => ({
    id: version.id,
    name: version.digest,
    url: `${apiUrl}${addressOf(name)}/versions/${version.id}`,
    package_html_url: url + addressOf(name),
    created_at: new Date(version.createdAt).toISOString(),
    updated_at: new Date(version.createdAt).toISOString(),
    html_url: `${url}${addressOf(name)}/${version.id}`,
    metadata: { package_type: "container", container: { tags: version.tags } },
  });
  const find = (params: Readonly<Record<string, string>>) => {
    const name = params["name"] ?? "";
    const version = store.versionsOf(name).find((each) => String(each.id) === params["id"]);
    return version === undefined ? undefined : { name, version };
  };
  const own = (route: Route): Route => ({
    on: route.on,
    handle: (call) => (call.params["owner"] === owner.login ? route.handle(call) : notFound()),
  });
  const routes: readonly Route[] = [
    {
      on: `GET ${root}`,
      handle({ request }) {
        const type = request.url.searchParams.get("package_type");
        if (type === null) return refusal(400, "Package type is required");
        const { items, headers } = pageOf(request, type === "container" ? store.names() : []);
        return json(200, items.map(describe), headers);
      },
    },
    {
      on: `GET ${root}/container/:name`,
      handle({ params }) {
        const name = params["name"] ?? "";
        return store.names().includes(name) ? json(200, describe(name)) : notFound();
      },
    },
    {
      on: `DELETE ${root}/container/:name`,
      handle({ params }) {
        const name = params["name"] ?? "";
        if (!store.names().includes(name)) return notFound();
        store.remove(name);
        return answer(204);
      },
    },
    {
      on: `GET ${root}/container/:name/versions`,
      handle({ request, params }) {
        const name = params["name"] ?? "";
        if (!store.names().includes(name)) return notFound();
        const newestFirst = [...store.versionsOf(name)].reverse();
        const { items, headers } = pageOf(request, newestFirst);
        return json(
          200,
          items.map((version) => describeVersion(name, version)),
          headers,
        );
      },
    },
    {
      on: `GET ${root}/container/:name/versions/:id`,
      handle({ params }) {
        const found = find(params);
        return found === undefined ? notFound() : json(200, describeVersion(found.name, found.version));
      },
    },
    {
      on: `DELETE ${root}/container/:name/versions/:id`,
      handle({ params }) {
        const found = find(params);
        if (found === undefined) return notFound();
        if (found.version.downloads > 5000) {
          return refusal(400, "Publicly visible package versions with more than 5000 downloads cannot be deleted.");
        }
        if (store.versionsOf(found.name).length === 1) {
          return refusal(400, "You cannot delete the last version of a package. You must delete the package instead.");
        }
        store.remove(found.name, found.version.id);
        return answer(204);
      },
    },
  ];
  return routes.map(own);
}
