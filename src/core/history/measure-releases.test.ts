import { expect, test } from "vitest";
import { digestOf } from "../../model/digest.ts";
import type { ReleasedService, ReleaseManifest, ReleaseSubject } from "../../model/release.ts";
import { imageName } from "../../testing/image-name.ts";
import { testPlatform } from "../../testing/test-image.ts";
import { measureManifests } from "./measure-releases.ts";

function service(name: string, origin: ReleasedService["origin"], buildSeconds: number | null): ReleasedService {
  const digest = digestOf(name);
  return {
    service: name,
    images: [imageName(`reg.test/shop/${name}`)],
    digest,
    platforms: [{ platform: testPlatform("linux/amd64"), digest, fingerprint: digest, size: 100 }],
    origin,
    commit: "c0ffee0000000000000000000000000000000000",
    builtAt: "2026-01-01T00:00:00.000Z",
    buildSeconds,
    tags: { version: [], moving: [] },
  };
}

function release(subject: ReleaseSubject, day: number, ...services: ReleasedService[]): ReleaseManifest {
  return {
    schemaVersion: 1,
    group: "default",
    subject,
    commit: "c0ffee0000000000000000000000000000000000",
    source: "",
    releasedAt: `2026-01-0${day}T00:00:00.000Z`,
    previous: null,
    services,
  };
}

const version = (text: string): ReleaseSubject => ({ kind: "version", version: text });
const main: ReleaseSubject = {
  kind: "branch",
  branch: "main",
  generation: 1,
  committedAt: "2026-01-02T00:00:00.000Z",
  revision: 1,
};
const first = release(version("1.0.0"), 1, service("api", "built", 60), service("web", "built", 5));
const second = release(
  main,
  2,
  service("api", "reused", null),
  service("web", "built", 7),
  service("db", "kept", null),
);
const third = release(version("1.1.0"), 3, service("api", "reused", null), service("db", "reused", null));

test("releases are measured newest first, each with the last build times before it", () => {
  expect(measureManifests([third, first, second], 2)).toEqual([
    {
      name: "1.1.0",
      releasedAt: third.releasedAt,
      built: [],
      reused: ["api", "db"],
      buildSeconds: 0,
      builtBytes: 0,
      savedSeconds: 60,
      savedBytes: 200,
      // No release says how long it took to build.
      unmeasured: ["db"],
    },
    {
      name: "main c0ffee0",
      releasedAt: second.releasedAt,
      built: ["web"],
      reused: ["api"],
      buildSeconds: 7,
      builtBytes: 100,
      savedSeconds: 60,
      savedBytes: 100,
      unmeasured: [],
    },
  ]);
});

test("a build after a release saves nothing in it", () => {
  const later = release(version("1.2.0"), 4, service("db", "built", 30));
  const [, before] = measureManifests([later, third], 2);
  expect(before).toMatchObject({ name: "1.1.0", savedSeconds: 0, unmeasured: ["api", "db"] });
});
