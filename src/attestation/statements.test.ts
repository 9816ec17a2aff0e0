import { expect, test } from "vitest";
import { digestHex, digestOf } from "../model/digest.ts";
import { makePlatform } from "../model/platform.ts";
import type { ReleaseManifest } from "../model/release.ts";
import type { Statement } from "../model/statement.ts";
import { imageName } from "../testing/image-name.ts";
import { assemblyStatement } from "./assembly.ts";
import { bindingStatement } from "./binding.ts";
import type { BuilderRun } from "./builder-run.ts";
import { isPutTogether } from "./prove-service.ts";
import { provenanceStatement } from "./provenance.ts";
import { releaseStatement } from "./release.ts";

// One service of two platforms, from its builds to its release.

const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
const arm64 = makePlatform({ os: "linux", architecture: "arm64" });
const name = imageName("ghcr.io/acme/shop/api");
const commit = "c".repeat(40);
const index = { name, digest: digestOf("index") };
const platforms = [amd64, arm64].map((platform) => ({ platform, digest: digestOf(`image of ${platform}`) }));
const fingerprint = digestOf("fingerprint of linux/amd64");
const run: BuilderRun = {
  kind: "workflow",
  server: "https://github.com",
  repository: "acme/shop",
  repositoryId: "1",
  ownerId: "2",
  event: "push",
  ref: "refs/heads/main",
  commit,
  workflow: "acme/shop/.github/workflows/release.yml@refs/heads/main",
  jobWorkflow: "acme/ci/.github/workflows/build.yml@refs/tags/v3",
  runner: "github-hosted",
  runId: "7",
  attempt: 2,
};
const machine: BuilderRun = { kind: "machine", source: "https://git.example.com/acme/shop", commit };
const assembledAt = "2026-01-01T00:02:00.000Z";

const manifest: ReleaseManifest = {
  schemaVersion: 1,
  group: "default",
  subject: { kind: "version", version: "1.0.0" },
  commit,
  source: "https://github.com/acme/shop",
  releasedAt: "2026-01-01T00:03:00.000Z",
  previous: null,
  services: [
    {
      service: "api",
      images: [name],
      digest: index.digest,
      platforms: platforms.map((each) => ({ ...each, fingerprint, size: 1 })),
      origin: "built",
      commit,
      builtAt: "2026-01-01T00:00:00.000Z",
      buildSeconds: 60,
      tags: { version: ["1.0.0"], moving: ["latest"] },
    },
  ],
};

test.each<[string, Statement]>([
  [
    "provenance",
    provenanceStatement({
      subjects: [{ name, digest: digestOf("image of linux/amd64") }],
      run,
      service: "api",
      fingerprint,
      algorithm: "4",
      definition: {
        platform: amd64,
        frontend: `docker/dockerfile:1@${digestOf("frontend")}`,
        bases: [{ reference: "alpine:3.22", digest: digestOf("alpine") }],
        context: digestOf("context"),
        contexts: [
          { name: "assets", kind: "folder", of: "", digest: digestOf("assets") },
          { name: "base", kind: "service", of: "base", digest: digestOf("image of base") },
          { name: "docs", kind: "git", of: "https://github.com/acme/docs.git", digest: "d".repeat(40) },
          { name: "tools", kind: "image", of: "ghcr.io/acme/tools:2", digest: digestOf("tools") },
        ],
        target: null,
      },
      startedAt: "2026-01-01T00:00:00.000Z",
      finishedAt: "2026-01-01T00:01:00.000Z",
    }),
  ],
  ["assembly", assemblyStatement({ index, service: "api", platforms, run, assembledAt })],
  ["assembly-machine", assemblyStatement({ index, service: "api", platforms, run: machine, assembledAt })],
  [
    "binding",
    bindingStatement({
      kept: { name, digest: digestOf("image of linux/amd64") },
      service: "api",
      platform: amd64,
      fingerprint,
      algorithm: "4",
      comparedAt: "2026-01-01T00:01:00.000Z",
    }),
  ],
  [
    "release",
    releaseStatement({
      record: { name: "ghcr.io/acme/shop/releases", digest: digestOf("record") },
      manifest,
      version: "1.0.0",
      repository: "acme/shop",
    }),
  ],
])("the statement %s is as written", async (file, statement) => {
  await expect(`${JSON.stringify(statement, null, 2)}\n`).toMatchFileSnapshot(`golden/${file}.json`);
});

test("an index over two platforms is vouched for by the statement that names it, and by no platform's", () => {
  const made = assemblyStatement({ index, service: "api", platforms, run, assembledAt });
  expect(made.subject).toEqual([{ name, digest: { sha256: digestHex(index.digest) } }]);
  expect(isPutTogether(made, index.digest)).toBe(true);
  for (const { digest } of platforms) {
    expect(isPutTogether(made, digest)).toBe(false);
    expect(JSON.stringify(made.predicate)).toContain(digestHex(digest));
  }
});
