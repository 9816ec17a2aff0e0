import { parsePlatform, type Platform } from "../../model/platform.ts";
import type { BuildRequest } from "../request.ts";

export function platformOf(text: string): Platform {
  const platform = parsePlatform(text);
  if (platform === undefined) throw new Error(`"${text}" is no platform`);
  return platform;
}

/** A request with nothing in it that is not needed. */
export function makeRequest(overrides: Partial<BuildRequest> = {}): BuildRequest {
  return {
    service: "api",
    platform: platformOf("linux/amd64"),
    contextFolder: "/contexts/api",
    dockerfile: "/contexts/api/Dockerfile",
    target: undefined,
    args: {},
    contexts: {},
    secrets: [],
    ssh: [],
    labels: {},
    annotations: {},
    settings: {},
    cacheFrom: [],
    cacheTo: [],
    output: { kind: "push", name: "registry.example/shop/api:build-1-linux-amd64" },
    provenance: "none",
    sbom: false,
    builder: undefined,
    tokens: { github: undefined, enterprise: undefined, job: undefined, runtime: undefined, all: [] },
    ...overrides,
  };
}
