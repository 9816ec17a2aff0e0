import { testPlatform as platformOf } from "../../testing/test-image.ts";
import type { BuildDefinition, DefinitionSources } from "../../model/build-definition.ts";
import { digestOf } from "../../model/digest.ts";
import type { BuildSecret } from "../../model/service.ts";
import type { BuildRequest, HandedFolders } from "../request.ts";

export { testPlatform as platformOf } from "../../testing/test-image.ts";

/** Parts of a request that a test sets, each by its own name. */
export type RequestParts = Partial<
  Omit<BuildRequest, "definition" | "sources" | "folders"> &
    Pick<BuildDefinition, "platform" | "args" | "labels" | "annotations" | "settings"> &
    Pick<DefinitionSources, "stamps" | "proxies" | "frontend"> &
    Omit<HandedFolders, "namedFolders">
> & {
  readonly target?: string | undefined;
  /** Values of `--build-context`, folders included. */
  readonly contexts?: Readonly<Record<string, string>>;
  readonly secrets?: readonly BuildSecret[];
  readonly ssh?: Readonly<Record<string, string>>;
};

/** Makes a request whose other fields are empty. */
export function makeRequest(parts: RequestParts = {}): BuildRequest {
  const {
    platform = platformOf("linux/amd64"),
    target = null,
    args = {},
    labels = {},
    annotations = {},
    settings = {},
    contexts = {},
    secrets = [],
    ssh = {},
    stamps = {},
    proxies = {},
    frontend,
    contextFolder = "/contexts/api",
    dockerfile = "/contexts/api/Dockerfile",
    ...rest
  } = parts;
  return {
    service: "api",
    definition: {
      platform,
      buildPlatform: null,
      target,
      instructions: [],
      args,
      clientArgs: {},
      frontend: null,
      bases: [],
      context: digestOf("[]"),
      contexts: [],
      secrets: secrets.map(({ id }) => id),
      ssh: Object.keys(ssh),
      labels,
      annotations,
      settings,
    },
    sources: {
      stamps,
      proxies,
      pins: contexts,
      frontend,
      secrets: Object.fromEntries(secrets.map(({ id, from }) => [id, from])),
      ssh,
    },
    folders: { contextFolder, dockerfile, namedFolders: {} },
    ownLabels: {},
    cacheFrom: [],
    cacheTo: [],
    output: { kind: "push", name: "registry.example/shop/api:build-1-linux-amd64" },
    provenance: "none",
    scanner: undefined,
    builder: undefined,
    tokens: {
      github: undefined,
      enterprise: undefined,
      job: undefined,
      runtime: undefined,
      identity: undefined,
      all: [],
    },
    ...rest,
  };
}
