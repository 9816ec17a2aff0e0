import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { makePlatform } from "../model/platform.ts";
import { parseImageName } from "../model/reference.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import { type NotesCommit, renderNotes } from "./render-notes.ts";

const amd64 = makePlatform({ os: "linux", architecture: "amd64" });
const arm64 = makePlatform({ os: "linux", architecture: "arm64" });
const commits = {
  first: "1111111aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  second: "2222222bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
};

function imageName(text: string) {
  const name = parseImageName(text);
  if (name === undefined) throw new Error(text);
  return name;
}

function service(name: string, rest: Partial<ReleasedService> & { sizes?: readonly number[] } = {}): ReleasedService {
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

const first: ReleaseManifest = {
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
const second: ReleaseManifest = {
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

const history: readonly NotesCommit[] = [
  commit("a1", "api: Answer | with `JSON`, thanks @octocat (#12)", ["api"]),
  commit("b2", "gateway: Add it", ["gateway"]),
  commit("c3", "lib: Share the *parser* <script>alert(1)</script>", ["api", "web"]),
  commit("d4", "1. README & docs", []),
  commit("e5", "api: Fix [link](https://example.com)\r\n| a | b |", ["api"]),
];

function commit(sha: string, subject: string, services: readonly string[]): NotesCommit {
  return { sha: sha.repeat(20), subject, at: "2026-01-20T00:00:00.000Z", services };
}

const branch: ReleaseManifest = {
  ...second,
  group: "backend",
  subject: {
    kind: "branch",
    branch: "feature/a_b",
    generation: 12,
    committedAt: "2026-02-01T00:00:00.000Z",
    revision: 1,
  },
  source: "git@git.example.com:acme/shop.git",
  services: second.services.map((each): ReleasedService => ({
    ...each,
    origin: "kept",
    buildSeconds: null,
    tags: { version: [], moving: ["feature-a_b"] },
  })),
};

describe("release notes", () => {
  test.each([
    ["the first release", "first", { release: first, commits: [] }],
    ["a release in which some changed", "second", { release: second, previous: first, commits: history }],
    [
      "a release in which nothing changed",
      "unchanged",
      {
        release: {
          ...first,
          subject: second.subject,
          services: first.services.map((each): ReleasedService => ({ ...each, origin: "reused", buildSeconds: null })),
        },
        previous: first,
        commits: [],
      },
    ],
    ["a branch, whose source is not on GitHub", "branch", { release: branch, previous: second, commits: history }],
    ["no services", "empty", { release: { ...first, services: [] }, commits: [] }],
  ])("of %s read well", async (_what, name, input) => {
    await expect(renderNotes(input)).toMatchFileSnapshot(`golden/${name}.golden.md`);
  });

  test("tell the time of a single build once", () => {
    const [only] = first.services;
    expect(renderNotes({ release: { ...first, services: only === undefined ? [] : [only] }, commits: [] })).toContain(
      "- Build time: 12.3 s (api)\n",
    );
  });

  test("name every digest in full", () => {
    const notes = renderNotes({ release: second, previous: first, commits: history });
    for (const { images, digest } of second.services) expect(notes).toContain(`docker pull ${images[0]}@${digest}\n`);
  });

  test("stay within what GitHub takes, however long the history is", () => {
    const many = Array.from({ length: 5000 }, (_, at) =>
      commit("ab", `Change ${at} ${"x".repeat(60)}`, at % 3 === 0 ? [] : ["api"]),
    );
    const notes = renderNotes({ release: second, previous: first, commits: many });
    expect(notes.length).toBeLessThan(125_000);
    expect(notes).toContain("- and 3283 more");
  });

  test("have only tables of equal rows, notify nobody and hold no HTML of strangers, whatever commits and services are called", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.string({
        unit: fc.constantFrom("|", "\\", "`", "\n", "\r", "@", "a", "<", "b", ">", "*", "#", "-", " ", "1", "."),
      }),
    );
    fc.assert(
      fc.property(fc.array(text), text, text, (subjects, name, branchName) => {
        const services = [service("api", {}), service("web", {})].map((each, at) => ({
          ...each,
          service: `${name}${at}`,
        }));
        const release: ReleaseManifest = {
          ...first,
          group: branchName,
          subject: { kind: "branch", branch: branchName, generation: 1, committedAt: first.releasedAt, revision: 1 },
          services,
        };
        const listed = subjects.map((subject, at) => commit("ab", subject, [[name], [name, "web"], []][at % 3] ?? []));
        const notes = renderNotes({ release, previous: { ...release, services: first.services }, commits: listed });
        const table = notes.split("\n").filter((line) => line.startsWith("|"));
        expect(table.map(unescapedBars)).toEqual(Array.from({ length: 4 }, () => 7));
        const items = notes.split("\n").filter((line) => line.includes("abababa"));
        expect(items.length).toBe(subjects.length);
        for (const item of items) {
          expect(item).toMatch(/^- /);
          expect(withoutEscapes(item)).not.toMatch(/@[A-Za-z0-9]|[<>|*]/);
        }
      }),
    );
  });
});

function unescapedBars(line: string): number {
  return withoutEscapes(line).split("|").length - 1;
}

function withoutEscapes(line: string): string {
  return line.replace(/\\./g, " ");
}
