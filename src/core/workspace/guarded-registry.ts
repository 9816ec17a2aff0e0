import { SlipwayError } from "../../errors.ts";
import { parseAddress, withoutCredentials } from "../../formats/address.ts";
import { gitUrlOf } from "../../model/git-address.ts";
import { type ImageName, registryOf } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";

/** A name that an untrusted run may not look up. Services that need it are not planned; the others are. */
export class MayNotLookUp extends SlipwayError {
  constructor(what: string, host: string) {
    super("refused", `${what} is on ${host}, which trunk's definitions do not name`, {
      hint: `a maintainer can name it in trunk's slipway.yaml: allow: { hosts: [${host}] }`,
    });
  }
}

/** Public registries and git hosts. A look-up there reveals a name only to the host's operator. */
export const publicHosts: readonly string[] = [
  "bitbucket.org",
  "cgr.dev",
  "codeberg.org",
  "docker.io",
  "gcr.io",
  "ghcr.io",
  "github.com",
  "gitlab.com",
  "mcr.microsoft.com",
  "nvcr.io",
  "public.ecr.aws",
  "quay.io",
  "registry.access.redhat.com",
  "registry.gitlab.com",
  "registry.k8s.io",
];

/** Wraps a registry client so that it contacts only registries in `hosts`. Throws `MayNotLookUp` for any other. */
export function guardRegistry(registry: Registry, hosts: ReadonlySet<string>): Registry {
  const checkName = (name: ImageName): void => {
    const host = registryOf(name);
    if (!hosts.has(host)) throw new MayNotLookUp(`"${name}"`, host);
  };
  const check = async <R>(name: ImageName, use: () => Promise<R>): Promise<R> => {
    checkName(name);
    return use();
  };
  const stream: Registry["streamBlob"] = async function* (name, ...rest) {
    yield* await check(name, () => Promise.resolve(registry.streamBlob(name, ...rest)));
  };
  const { mirrored } = registry;
  return {
    getManifest: (name, ...rest) => check(name, () => registry.getManifest(name, ...rest)),
    headManifest: (name, ...rest) => check(name, () => registry.headManifest(name, ...rest)),
    putManifest: (name, ...rest) => check(name, () => registry.putManifest(name, ...rest)),
    deleteManifest: (name, ...rest) => check(name, () => registry.deleteManifest(name, ...rest)),
    listTags: (name, ...rest) => check(name, () => registry.listTags(name, ...rest)),
    listReferrers: (name, ...rest) => check(name, () => registry.listReferrers(name, ...rest)),
    hasReferrersApi: (name, ...rest) => check(name, () => registry.hasReferrersApi(name, ...rest)),
    getBlob: (name, ...rest) => check(name, () => registry.getBlob(name, ...rest)),
    streamBlob: stream,
    hasBlob: (name, ...rest) => check(name, () => registry.hasBlob(name, ...rest)),
    putBlob: (name, ...rest) => check(name, () => registry.putBlob(name, ...rest)),
    putNewBlob: (name, ...rest) => check(name, () => registry.putNewBlob(name, ...rest)),
    openUpload: (name, ...rest) => {
      checkName(name);
      return registry.openUpload(name, ...rest);
    },
    mountBlob: (name, ...rest) => check(name, () => registry.mountBlob(name, ...rest)),
    checkPush: (name, ...rest) => check(name, () => registry.checkPush(name, ...rest)),
    copyBlob: (from, to, ...rest) => check(from, () => check(to, () => registry.copyBlob(from, to, ...rest))),
    copyManifestTree: (from, digest, to, ...rest) =>
      check(from, () => check(to, () => registry.copyManifestTree(from, digest, to, ...rest))),
    mirrored: {
      getManifest: (name, ...rest) => check(name, () => mirrored.getManifest(name, ...rest)),
      getBlob: (name, ...rest) => check(name, () => mirrored.getBlob(name, ...rest)),
    },
    stats: () => registry.stats(),
  };
}

/** Throws `MayNotLookUp` for a git context on a host outside of `hosts`. */
export function checkGitHost(url: string, hosts: ReadonlySet<string>): void {
  const [address = ""] = url.split("#");
  const host = parseAddress(gitUrlOf(address))?.host ?? "";
  if (!hosts.has(host)) throw new MayNotLookUp(`the git context "${withoutCredentials(url)}"`, host);
}
