import type { GuideFacts, GuideService, MeasuredNumbers } from "../facts.ts";

/** A service of the shop. */
export function guideService(name: string, more: Partial<GuideService> = {}): GuideService {
  return {
    name,
    group: "default",
    dockerfile: `services/${name}/Dockerfile`,
    platforms: ["linux/amd64"],
    images: [`ghcr.io/acme/shop/${name}`],
    tags: {
      version: ["{version}", "{major}.{minor}", "{major}", "latest"],
      branch: ["{branch}", "sha-{sha}"],
    },
    needs: [],
    reads: { files: 12, bytes: 34_567 },
    caches: [{ scope: `slipway-${name}-linux-amd64`, tag: `cache-${name}-linux-amd64` }],
    ...more,
  };
}

/** The shop, as the sandbox has it. */
export function makeGuideFacts(more: Partial<GuideFacts> = {}): GuideFacts {
  return {
    repository: "acme/shop",
    url: "https://github.com/acme/shop",
    trunk: "main",
    workflow: ".github/workflows/slipway.yml",
    layout: "matrix",
    services: [
      guideService("api"),
      guideService("gateway", { reads: { files: 4, bytes: 5_300 } }),
      guideService("web", { needs: ["gateway"] }),
      guideService("worker"),
    ],
    groups: [{ name: "default", tag: "v{version}", services: ["api", "gateway", "web", "worker"] }],
    releases: "ghcr.io/acme/shop/releases",
    versions: "tags",
    tracked: { files: 61, bytes: 182_000 },
    measured: { kind: "nothing", because: "there is one commit, so that nothing has changed yet" },
    ...more,
  };
}

export const replayed: MeasuredNumbers = {
  kind: "replay",
  replay: {
    commits: 100,
    built: 61,
    reused: 339,
    missedByFolder: 9,
    services: [
      { service: "api", built: 24, reused: 76, missedByFolder: 5 },
      { service: "gateway", built: 9, reused: 91, missedByFolder: 0 },
      { service: "web", built: 16, reused: 84, missedByFolder: 0 },
      { service: "worker", built: 12, reused: 88, missedByFolder: 4 },
    ],
  },
};

export const releasedTwice: MeasuredNumbers = {
  kind: "releases",
  releases: [
    {
      name: "1.1.0",
      releasedAt: "2026-02-03T10:00:00.000Z",
      built: ["api"],
      reused: ["gateway", "web", "worker"],
      buildSeconds: 31.4,
      builtBytes: 48_000_000,
      savedSeconds: 129.1,
      savedBytes: 112_000_000,
      unmeasured: [],
    },
    {
      name: "1.0.0",
      releasedAt: "2026-02-01T10:00:00.000Z",
      built: ["api", "gateway", "web"],
      reused: ["worker"],
      buildSeconds: 160.5,
      builtBytes: 120_000_000,
      savedSeconds: 0,
      savedBytes: 40_000_000,
      unmeasured: ["worker"],
    },
  ],
};
