import { digestOf } from "../../model/digest.ts";
import { makePlatform } from "../../model/platform.ts";
import type { ReleasedService, ReleaseManifest } from "../../model/release.ts";
import type { NotesCommit } from "../render-notes.ts";
import type { ServiceGrowth } from "../size-growth.ts";
import { imageName } from "../../testing/image-name.ts";

const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
const arm64 = makePlatform({ os: "linux", architecture: "arm64" });
const commits = {
  first: "1111111aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  second: "2222222bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
};

export function service(
  name: string,
  rest: Partial<ReleasedService> & { sizes?: readonly number[] } = {},
): ReleasedService {
  const { sizes = [31_400_000], ...given } = rest;
  const content = `${name} ${given.commit ?? commits.first}`;
  return {
    service: name,
    images: [imageName(`ghcr.io/acme/shop/${name}`)],
    digest: digestOf(content),
    platforms: sizes.map((size, at) => ({
      platform: at === 0 ? amd64 : arm64,
      digest: digestOf(`${content} ${at}`),
      fingerprint: digestOf(`fingerprint of ${content} ${at}`),
      size,
    })),
    origin: "built",
    commit: commits.first,
    builtAt: "2026-01-01T00:00:00.000Z",
    buildSeconds: 12.3,
    tags: { version: ["1.0.0"], moving: ["1.0", "1", "latest"] },
    ...given,
  };
}

/** The first release of three services. */
export const first: ReleaseManifest = {
  schemaVersion: 1,
  group: "default",
  subject: { kind: "version", version: "1.0.0" },
  commit: commits.first,
  source: "https://github.com/acme/shop",
  releasedAt: "2026-01-01T00:00:00.000Z",
  previous: null,
  services: [
    service("api", { sizes: [31_400_000, 30_100_000] }),
    service("old_cron"),
    service("web", { buildSeconds: 70 }),
  ],
};

const tags = { version: ["1.1.0"], moving: ["1.1", "1", "latest"] };
/** The next one: one service changed, one is new, one kept, one gone. */
export const second: ReleaseManifest = {
  ...first,
  subject: { kind: "version", version: "1.1.0" },
  commit: commits.second,
  releasedAt: "2026-02-01T00:00:00.000Z",
  previous: { record: "v1.0.0", commit: commits.first },
  services: [
    service("api", { commit: commits.second, sizes: [32_600_000, 29_800_000], buildSeconds: 41, tags }),
    service("gateway", {
      commit: commits.second,
      tags,
      images: [imageName("ghcr.io/acme/shop/gateway"), imageName("acme/gateway")],
    }),
    service("web", { origin: "reused", buildSeconds: null, tags }),
  ],
};

/** How an image of the second changed since the first: its base shrank, one instruction grew, one is new. */
export function growthOf(name: string): ServiceGrowth {
  return {
    service: name,
    platform: amd64,
    size: 32_600_000,
    growth: {
      since: "1.0.0",
      bytes: 1_200_000,
      pull: { ofService: 9_000_000, ofRelease: 7_400_000 },
      changes: [
        { instruction: "RUN npm ci | tee `log` # <b> @octocat", origin: "own", before: 4_000_000, after: 6_000_000 },
        { instruction: "node:24-slim", origin: "base", before: 20_000_000, after: 19_000_000 },
        { instruction: null, origin: "own", before: null, after: 200_000 },
        { instruction: "COPY src /app", origin: "own", before: 1000, after: 1000 },
      ],
    },
  };
}

/** What happened between the two, in words that a careless writer of Markdown would break on. */
export const history: readonly NotesCommit[] = [
  commit("a1", "api: Answer | with `JSON`, thanks @octocat (#12)", ["api"]),
  commit("b2", "gateway: Add it", ["gateway"]),
  commit("c3", "lib: Share the *parser* <script>alert(1)</script>", ["api", "web"]),
  commit("d4", "1. README & docs", []),
  commit("e5", "api: Fix [link](https://example.com)\r\n| a | b |", ["api"]),
];

export function commit(sha: string, subject: string, services: readonly string[]): NotesCommit {
  return { sha: sha.repeat(20), subject, at: "2026-01-20T00:00:00.000Z", services };
}
