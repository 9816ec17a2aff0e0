import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CacheEntry } from "../model/cache-entry.ts";
import type { CacheTierName } from "../model/service.ts";
import { type CacheTierRequest, type CacheTiers, planCacheTiers } from "./tiers.ts";
import { imageName } from "../testing/image-name.ts";
import { testPlatform } from "../testing/test-image.ts";

const open = { reads: true, writes: true, because: undefined };
const absent = { reads: false, writes: false, because: "there is no cache service" };
const readOnly = { reads: true, writes: false, because: "the job's token may only read caches" };
const writeOnly = { reads: false, writes: true, because: "the workflow says cache-mode: write-only" };

function request(overrides: Partial<CacheTierRequest> = {}): CacheTierRequest {
  return {
    service: "api",
    platform: testPlatform("linux/amd64"),
    image: imageName("ghcr.io/acme/shop/api"),
    event: "trunk",
    available: { gha: open, registry: true },
    setting: "auto",
    publishes: true,
    builder: { exportsCaches: true },
    ...overrides,
  };
}

/** `gha registry > gha`: what is read, what is written; what is left out after `!`. */
function tell({ from, to, leftOut }: CacheTiers): string {
  const names = (entries: readonly CacheEntry[]): string => [...new Set(entries.map(({ tier }) => tier))].join(" ");
  const left = leftOut.map(({ tier, direction }) => (direction === "export" ? `${tier}-export` : tier));
  return `${names(from)} > ${names(to)} ! ${left.join(" ")}`;
}

const everywhere = { gha: open, registry: true };
const registryOnly = { gha: absent, registry: true };
const ghaOnly = { gha: open, registry: false };
const nothing = { gha: absent, registry: false };
const classicEngine = { exportsCaches: false };

describe("the cache tiers", () => {
  test.each<[name: string, overrides: Partial<CacheTierRequest>, expected: string]>([
    ["of trunk: all are read, gha is written", { available: everywhere }, "gha registry > gha ! latest inline"],
    [
      "of a tag: the registry outlives gha, and no other tag reads a tag's gha",
      { event: "tag" },
      "gha registry > registry ! latest inline",
    ],
    ["of a pull request: it only reads", { event: "pull-request" }, "gha registry >  ! latest inline"],
    ["of a run that publishes nothing: it only reads", { publishes: false }, "gha registry >  ! latest inline"],
    [
      "of a person's machine that releases",
      { event: "local", available: registryOnly },
      "registry > registry ! gha latest inline",
    ],
    [
      "of a person's machine that does not",
      { event: "local", available: registryOnly, publishes: false },
      "registry >  ! gha latest inline",
    ],
    ["of trunk on another CI system", { available: registryOnly }, "registry > registry ! gha latest inline"],
    [
      "without a registry tier: inline and latest stand in beside gha",
      { available: ghaOnly },
      "gha latest > gha inline ! registry",
    ],
    ["of a tag without a registry tier", { event: "tag", available: ghaOnly }, "gha latest > inline ! registry"],
    [
      "of a pull request without a registry tier",
      { event: "pull-request", available: ghaOnly },
      "gha latest >  ! registry inline",
    ],
    ["with nothing there: the image itself", { event: "local", available: nothing }, "latest > inline ! gha registry"],
    ["of an engine that cannot export: the image itself", { builder: classicEngine }, "registry latest > inline ! gha"],
    [
      "of trunk with a token that may only read: nothing is tried that is denied",
      { available: { gha: readOnly, registry: true } },
      "gha registry > registry ! gha-export latest inline",
    ],
    [
      "of a pull request with a token that may only read: it would not have written",
      { event: "pull-request", available: { gha: readOnly, registry: true } },
      "gha registry >  ! latest inline",
    ],
    [
      "of trunk where GitHub's cache may only be written",
      { available: { gha: writeOnly, registry: true } },
      "registry > gha ! gha latest inline",
    ],
    [
      "of a pull request where GitHub's cache may only be written",
      { event: "pull-request", available: { gha: writeOnly, registry: true } },
      "registry >  ! gha latest inline",
    ],
    [
      "of a run that builds more than GitHub takes in a minute: the registry instead",
      { hasRoomInGha: false },
      "gha registry > registry ! gha-export latest inline",
    ],
    [
      "of the same without a registry tier: the image itself",
      { hasRoomInGha: false, available: ghaOnly },
      "gha latest > inline ! gha-export registry",
    ],
    ["forced to gha, write it whatever else is built", { setting: ["gha"], hasRoomInGha: false }, "gha > gha ! "],
    [
      "forced to gha with a token that may only read",
      { setting: ["gha"], available: { gha: readOnly, registry: true } },
      "gha >  ! gha-export",
    ],
    ["none, when none are wanted", { setting: [] }, " >  ! "],
    ["forced to one, use it alone", { setting: ["registry"] }, "registry > registry ! "],
    ["forced to gha, write it on tags too", { setting: ["gha"], event: "tag" }, "gha > gha ! "],
    ["forced to two, write both", { setting: ["registry", "gha"] }, "gha registry > gha registry ! "],
    [
      "forced to all",
      { setting: ["gha", "registry", "latest", "inline"] },
      "gha registry latest > gha registry inline ! ",
    ],
    ["forced to inline beside the registry", { setting: ["inline", "registry"] }, "registry > registry inline ! "],
    ["forced to what is not there", { setting: ["gha"], available: registryOnly }, " >  ! gha"],
    [
      "forced to the registry that is not there",
      { setting: ["registry", "latest"], available: nothing },
      "latest >  ! registry",
    ],
    [
      "forced, do not make a pull request write",
      { setting: ["gha", "registry", "inline"], event: "pull-request" },
      "gha registry >  ! inline",
    ],
    [
      "forced to the registry with an engine that cannot export",
      { setting: ["registry"], builder: classicEngine },
      "registry >  ! ",
    ],
  ])("%s", (_name, overrides, expected) => {
    expect(tell(planCacheTiers(request(overrides)))).toBe(expected);
  });

  test("come with BuildKit's attributes, the nearest first", () => {
    const tiers = planCacheTiers(
      request({
        platform: testPlatform("linux/arm/v7"),
        setting: ["gha", "registry", "latest", "inline"],
        writesShared: true,
      }),
    );
    expect(tiers.from).toEqual([
      { tier: "gha", attributes: { type: "gha", scope: "slipway-api-linux-arm-v7", version: "2", timeout: "20s" } },
      { tier: "gha", attributes: { type: "gha", scope: "slipway--shared-linux-arm-v7", version: "2", timeout: "20s" } },
      { tier: "registry", attributes: { type: "registry", ref: "ghcr.io/acme/shop/api:cache-api-linux-arm-v7" } },
      { tier: "latest", attributes: { type: "registry", ref: "ghcr.io/acme/shop/api:latest" } },
    ]);
    const gha = { type: "gha", version: "2", timeout: "90s", mode: "max", "ignore-error": "true" };
    expect(tiers.to).toEqual([
      { tier: "gha", attributes: { ...gha, scope: "slipway-api-linux-arm-v7" } },
      { tier: "gha", attributes: { ...gha, scope: "slipway--shared-linux-arm-v7" } },
      {
        tier: "registry",
        attributes: {
          type: "registry",
          ref: "ghcr.io/acme/shop/api:cache-api-linux-arm-v7",
          "image-manifest": "true",
          "oci-mediatypes": "true",
          mode: "max",
          "ignore-error": "true",
        },
      },
      { tier: "inline", attributes: { type: "inline" } },
    ]);
  });

  test("name the repository for gha's export alone, where its caches can be listed", () => {
    const { from, to } = planCacheTiers(request({ available: { ...everywhere, repository: "acme/shop" } }));
    expect(to.map(({ attributes }) => attributes["repository"])).toEqual(["acme/shop"]);
    expect(from.map(({ attributes }) => attributes["repository"])).toEqual([undefined, undefined, undefined]);
  });

  test("that are left out say why", () => {
    const { leftOut } = planCacheTiers(request({ available: registryOnly }));
    expect(leftOut).toEqual([
      { tier: "gha", direction: "import", because: "there is no cache service" },
      { tier: "latest", direction: "import", because: expect.stringContaining("the registry tier is used") },
      { tier: "inline", direction: "import", because: expect.stringContaining("the registry tier is used") },
    ]);
  });
});

const tierNames: readonly CacheTierName[] = ["gha", "registry", "latest", "inline"];
const anyRequest = fc
  .record({
    event: fc.constantFrom<CacheTierRequest["event"]>("pull-request", "trunk", "tag", "local"),
    available: fc.record({ gha: fc.constantFrom(open, absent, readOnly, writeOnly), registry: fc.boolean() }),
    setting: fc.oneof(fc.constant("auto" as const), fc.subarray([...tierNames])),
    publishes: fc.boolean(),
    builder: fc.record({ exportsCaches: fc.boolean() }),
    writesShared: fc.boolean(),
    hasRoomInGha: fc.boolean(),
  })
  .map((overrides) => request(overrides));

describe("whatever there is and is asked for, cache tiers", () => {
  test("are written by no pull request, nor by a run that publishes nothing", () => {
    fc.assert(
      fc.property(anyRequest, (each) => {
        fc.pre(each.event === "pull-request" || !each.publishes);
        expect(planCacheTiers(each).to).toEqual([]);
      }),
    );
  });

  test("never fail a build, and are only those that were asked for", () => {
    fc.assert(
      fc.property(anyRequest, (each) => {
        const { from, to, leftOut } = planCacheTiers(each);
        for (const { attributes } of to)
          expect([attributes["type"], attributes["ignore-error"]]).toContainEqual(
            attributes["type"] === "inline" ? "inline" : "true",
          );
        const used = [...from, ...to, ...leftOut].map(({ tier }) => tier);
        const asked = each.setting === "auto" ? tierNames : each.setting;
        expect(used.filter((tier) => !asked.includes(tier))).toEqual([]);
        expect(asked.filter((tier) => !used.includes(tier))).toEqual([]);
      }),
    );
  });

  test("are neither read nor written in GitHub's cache where the job may not", () => {
    fc.assert(
      fc.property(anyRequest, (each) => {
        const { from, to } = planCacheTiers(each);
        if (!each.available.gha.reads) expect(from.filter(({ tier }) => tier === "gha")).toEqual([]);
        if (!each.available.gha.writes) expect(to.filter(({ tier }) => tier === "gha")).toEqual([]);
      }),
    );
  });

  test("chosen by the program are written to one place, and inline beside it only where no registry holds caches", () => {
    fc.assert(
      fc.property(anyRequest, (each) => {
        const to = planCacheTiers({ ...each, setting: "auto" }).to.map(({ tier }) => tier);
        const places = new Set(to.filter((tier) => tier !== "inline"));
        expect(places.size).toBeLessThanOrEqual(1);
        if (to.includes("inline")) expect(places.has("registry")).toBe(false);
      }),
    );
  });

  test("of two services or platforms share no scope that is written", () => {
    const names = fc.constantFrom("api", "api-linux", "shared", "linux", "a", "a-linux-amd64");
    const platforms = fc.constantFrom("linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7", "windows/amd64");
    const scope = (service: string, platform: string): string | undefined =>
      planCacheTiers(request({ service, platform: testPlatform(platform) })).to[0]?.attributes["scope"];
    fc.assert(
      fc.property(names, platforms, names, platforms, (service, platform, other, otherPlatform) => {
        const isSame = service === other && platform === otherPlatform;
        expect(scope(service, platform) === scope(other, otherPlatform)).toBe(isSame);
      }),
    );
  });
});
