import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeylessSigners } from "../model/verify-commands.ts";
import type { ReleasedService, ReleaseManifest } from "../model/release.ts";
import { renderNotes } from "./render-notes.ts";
import { commit, first, growthOf, history, second, service } from "./testing/releases.ts";

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

const signers: KeylessSigners = {
  repository: "https://github.com/acme/shop",
  issuer: "https://token.actions.githubusercontent.com",
  workflows: undefined,
  refs: ["refs/heads/main", "refs/tags/v*"],
  root: undefined,
  isKnownToCosign: true,
};

describe("release notes", () => {
  test.each([
    ["the first release", "first", { release: first, commits: [] }],
    ["a release in which some changed", "second", { release: second, previous: first, commits: history }],
    [
      "a release whose images grew",
      "grown",
      { release: second, previous: first, commits: [], growth: [growthOf("api"), growthOf("web")] },
    ],
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
    ["a release that a workflow signed", "signed", { release: first, commits: [], signed: signers }],
    ["a release that a key signed", "signed-key", { release: first, commits: [], signed: "key" as const }],
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
