import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredCache } from "../model/cache-documents.ts";
import { byKey } from "../model/order.ts";
import { parsePlatform } from "../model/platform.ts";
import { planRetention, type RetentionFacts, type RetentionRules } from "./retention.ts";
import { ago, day, entry, hour, layer, now, tag } from "./testing/stored.ts";

const amd64 = parsePlatform("linux/amd64");
if (amd64 === undefined) throw new Error("linux/amd64 is no platform");

const facts: RetentionFacts = {
  now,
  services: [{ name: "api", platforms: [amd64] }],
  ref: "refs/heads/main",
  defaultRef: "refs/heads/main",
  openPullRequests: new Set([7]),
  tags: new Map(),
};

const rules: RetentionRules = {
  unusedSeconds: 7 * day,
  budgetBytes: 8_000_000_000,
  closedPullRequests: true,
  goneServices: true,
  leftovers: true,
};
const noRules: RetentionRules = {
  unusedSeconds: undefined,
  budgetBytes: undefined,
  closedPullRequests: false,
  goneServices: false,
  leftovers: false,
};

function tell(
  caches: readonly StoredCache[],
  more: Partial<RetentionFacts> = {},
  changed: Partial<RetentionRules> = {},
): string[] {
  return planRetention(caches, { ...facts, ...more }, { ...rules, ...changed }).map(
    ({ keep, because }) => `${keep ? "keep" : "go"}: ${because}`,
  );
}

const main = entry({ id: 1 });
const topic = "refs/heads/topic";
const pull = { ref: "refs/pull/5/merge", pullRequest: 5 };

describe("an entry of GitHub's cache", () => {
  test.each<[what: string, cache: StoredCache, expected: string]>([
    [
      "the newest index of a service that is built",
      entry({ id: 2, name: main.name.replace("#1", "#2"), lastUsedAt: ago(30 * day) }),
      "keep: the newest index of a service that is built",
    ],
    ["another branch's index", entry({ id: 2, ref: topic }), "keep: in use"],
    [
      "another branch's index that nobody used for a week",
      entry({ id: 2, ref: topic, lastUsedAt: ago(7 * day) }),
      "go: unused for 7 days",
    ],
    [
      "what was used in the last hour",
      entry({ id: 2, ref: topic, lastUsedAt: ago(hour - 1) }),
      "keep: used in the last hour",
    ],
    [
      "what nobody knows the last use of",
      entry({ id: 2, ref: topic, lastUsedAt: null, createdAt: null }),
      "keep: used in the last hour",
    ],
    ["a closed pull request's", entry({ id: 2, ...pull, lastUsedAt: ago(1) }), "go: pull request 5 is closed"],
    ["a closed pull request's layer", layer({ id: 2, ...pull }), "go: pull request 5 is closed"],
    ["an open pull request's", entry({ id: 2, ref: "refs/pull/7/merge", pullRequest: 7 }), "keep: in use"],
    [
      "a service's that is gone",
      entry({ id: 2, name: "index-slipway-old-linux-amd64-1-0a1b2c3d#1", service: "old" }),
      "go: there is no service old any more",
    ],
    [
      "a platform's that is gone",
      entry({ id: 2, name: "index-slipway-api-linux-arm64-1-0a1b2c3d#1", platform: "linux/arm64" }),
      "go: api is not built for linux/arm64 any more",
    ],
    ["a service's that only another branch has", entry({ id: 2, service: "new", ref: topic }), "keep: in use"],
    [
      "what all services share",
      entry({
        id: 2,
        name: "index-slipway--shared-linux-amd64-1-0a1b2c3d#1",
        service: null,
        lastUsedAt: ago(30 * day),
      }),
      "keep: the newest index of a service that is built",
    ],
    ["a layer that an index may name", layer({ id: 2, lastUsedAt: ago(2 * day) }), "keep: in use"],
    ["a layer that nobody used for eight days", layer({ id: 2, lastUsedAt: ago(8 * day) }), "go: unused for 8 days"],
    [
      "somebody else's",
      entry({ id: 2, kind: "other", name: "node-modules", service: null, lastUsedAt: ago(90 * day) }),
      "keep: not Slipway's",
    ],
  ])("%s", (_what, cache, expected) => {
    expect(tell([main, cache])[1]).toBe(expected);
  });

  test("is replaced by the index with the next number of the same branch", () => {
    const next = entry({ id: 2, name: main.name.replace("#1", "#10") });
    const between = entry({ id: 3, name: main.name.replace("#1", "#9") });
    expect(tell([main, next, between])).toEqual([
      "go: a newer index replaced it",
      "keep: the newest index of a service that is built",
      "go: a newer index replaced it",
    ]);
  });

  test("stays while it is not known which pull requests are open", () => {
    expect(tell([entry({ id: 2, ...pull })], { openPullRequests: undefined })).toEqual(["keep: in use"]);
  });

  test("of a service that is not here stays, where it is not known which branch this is", () => {
    expect(tell([entry({ id: 2, service: "old" })], { ref: undefined })).toEqual([
      "keep: the newest index of a service that is built",
    ]);
  });
});

describe("layers", () => {
  test("of a branch go when no index is left at all", () => {
    expect(tell([layer({ id: 1, ref: topic })])).toEqual(["go: no index is left that can name it"]);
  });

  test("of a branch stay for an index of any branch, also somebody else's", () => {
    const foreign = entry({ id: 2, kind: "other", name: "index-buildkit-1-0a1b2c3d#1", service: null, ref: topic });
    expect(tell([layer({ id: 1 }), foreign])).toEqual(["keep: in use", "keep: not Slipway's"]);
  });

  test("of a tag go with the tag's own index: nobody else reads them", () => {
    const ref = "refs/tags/v1";
    const index = entry({ id: 2, ref, lastUsedAt: ago(8 * day) });
    expect(tell([main, layer({ id: 3, ref }), index])).toEqual([
      "keep: the newest index of a service that is built",
      "go: no index is left that can name it",
      "go: unused for 8 days",
    ]);
  });

  test("of an export that is under way stay, though there is no index yet", () => {
    expect(tell([layer({ id: 1, lastUsedAt: ago(60) })])).toEqual(["keep: used in the last hour"]);
  });
});

describe("the byte budget", () => {
  test("takes the longest unused first, until the rest fits", () => {
    const layers = [1, 2, 3, 4].map((hours) => layer({ id: 10 + hours, lastUsedAt: ago(hours * day) }));
    const told = tell([main, ...layers], {}, { budgetBytes: 2_500_000 });
    expect(told.slice(1).map((line) => line.slice(0, 4))).toEqual(["keep", "keep", "go: ", "go: "]);
    expect(told[4]).toBe("go: over the budget of 2.5 MB, and unused for 4 days");
  });

  test("counts what others store, and leaves it", () => {
    const others = entry({ id: 2, kind: "other", name: "node-modules", bytes: 9_000_000_000, service: null });
    expect(tell([main, others, layer({ id: 3 })])).toEqual([
      "keep: the newest index of a service that is built",
      "keep: not Slipway's",
      "go: over the budget of 8.0 GB, and unused for 3 h",
    ]);
  });
});

describe("a tag in the registry", () => {
  const build = tag({
    kind: "build",
    name: "ghcr.io/acme/shop/api:build-0a1b2c3d-api-linux-amd64",
    createdAt: ago(2 * day),
  });
  const image = "ghcr.io/acme/shop/api";
  const own = { tag: "build-0a1b2c3d-api-linux-amd64", digest: build.digest ?? "", children: [] };
  const beside = (digest: string, ...children: string[]) => ({
    tags: new Map([[image, [own, { tag: "fp-0123", digest, children }]]]),
  });
  const other = `sha256:${"d".repeat(64)}`;
  test.each<[what: string, cache: StoredCache, more: Partial<RetentionFacts>, expected: string]>([
    [
      "the cache of a service that is built, however old",
      tag({ createdAt: ago(90 * day) }),
      {},
      "keep: the cache of a service that is built",
    ],
    ["the cache of a service that is gone", tag({ service: "old" }), {}, "go: there is no service old any more"],
    [
      "the same, seen from another branch",
      tag({ service: "old" }),
      { ref: topic },
      "keep: the cache of a service that is built",
    ],
    ["what a run pushed two days ago", build, {}, "go: pushed by a run 2 days ago, and no tag needs it"],
    ["what a run pushed an hour ago", { ...build, createdAt: ago(hour) }, {}, "keep: pushed by a run not long ago"],
    ["what a run pushed nobody knows when", { ...build, createdAt: null }, {}, "keep: pushed by a run not long ago"],
    ["what a run pushed and a fingerprint needs", build, beside(other, own.digest), "keep: a tag that stays needs it"],
    ["what a run pushed and a visible tag is at, too", build, beside(own.digest), "keep: a tag that stays needs it"],
    [
      "what a run pushed beside tags that need something else",
      build,
      beside(other, other),
      "go: pushed by a run 2 days ago, and no tag needs it",
    ],
    [
      "what a run pushed beside tags that could not be read",
      build,
      { tags: new Map([[image, undefined]]) },
      "keep: not all tags beside it could be read",
    ],
    [
      "what a run pushed of a service that is gone, not long ago",
      { ...build, service: "old", createdAt: ago(hour) },
      {},
      "keep: pushed by a run not long ago",
    ],
  ])("%s", (_what, cache, more, expected) => {
    expect(tell([cache], more)).toEqual([expected]);
  });
});

const anyCache: fc.Arbitrary<StoredCache> = fc
  .record({
    id: fc.nat({ max: 10_000 }),
    make: fc.constantFrom("index", "layer", "other"),
    service: fc.constantFrom("api", "old"),
    number: fc.integer({ min: 1, max: 3 }),
    ref: fc.constantFrom("refs/heads/main", topic, "refs/tags/v1", "refs/pull/5/merge", "refs/pull/7/merge"),
    bytes: fc.nat({ max: 2_000_000_000 }),
    unused: fc.nat({ max: 12 * day }),
  })
  .map(({ id, make, service, number, ref, bytes, unused }) => {
    const pullRequest = ref.startsWith("refs/pull/") ? Number(ref.split("/")[2]) : null;
    const common = { id, ref, pullRequest, bytes, lastUsedAt: ago(unused) };
    if (make === "layer") return layer(common);
    if (make === "other") return entry({ ...common, kind: "other", name: "node-modules", service: null });
    return entry({ ...common, name: `index-slipway-${service}-linux-amd64-1-0a1b2c3d#${number}`, service });
  });
const anyCaches = fc.uniqueArray(anyCache, { maxLength: 30, selector: ({ name, ref }) => `${name} ${ref}` });

describe("whatever is stored,", () => {
  test("what others store stays, and so does the newest index of what main builds", () => {
    fc.assert(
      fc.property(anyCaches, (caches) => {
        const steps = planRetention(caches, facts, { ...rules, budgetBytes: 0 });
        const gone = steps.filter(({ keep }) => !keep).map(({ cache }) => cache);
        const newest = caches
          .filter(isOfMain)
          .sort(byKey(({ name }) => name))
          .at(-1);
        expect(gone.filter((cache) => cache.kind === "other" || cache === newest)).toEqual([]);
      }),
    );
  });

  test("a second plan over what stayed takes nothing more", () => {
    fc.assert(
      fc.property(anyCaches, (caches) => {
        const stayed = planRetention(caches, facts, rules)
          .filter(({ keep }) => keep)
          .map(({ cache }) => cache);
        expect(planRetention(stayed, facts, rules).filter(({ keep }) => !keep)).toEqual([]);
      }),
    );
  });

  test("what stays fits into the budget, or is only what may not go", () => {
    const mayNotGo = ["not Slipway's", "used in the last hour", "the newest index of a service that is built"];
    fc.assert(
      fc.property(anyCaches, (caches) => {
        const stayed = planRetention(caches, facts, rules).filter(({ keep }) => keep);
        const bytes = stayed.reduce((sum, { cache }) => sum + cache.bytes, 0);
        const mayGo = stayed.filter(({ because }) => !mayNotGo.includes(because));
        if (bytes > 8_000_000_000) expect(mayGo).toEqual([]);
      }),
    );
  });

  test("without rules nothing goes", () => {
    fc.assert(
      fc.property(anyCaches, (caches) => {
        expect(planRetention(caches, facts, noRules).every(({ keep }) => keep)).toBe(true);
      }),
    );
  });
});

function isOfMain({ kind, service, ref }: StoredCache): boolean {
  return kind === "index" && service === "api" && ref === "refs/heads/main";
}
