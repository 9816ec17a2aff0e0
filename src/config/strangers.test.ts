import { describe, expect, test } from "vitest";
import { buildTag, cacheTag } from "../cache/names.ts";
import { parsePlatform } from "../model/platform.ts";
import { longestServiceName } from "./names.ts";
import { discoverExample, faultsOf } from "./testing/repository.ts";

describe("a service's name", () => {
  test("that is too long for tags is refused where it is read, with the limit", async () => {
    const name = "a".repeat(240);
    expect(
      await faultsOf({ files: { "compose.yaml": `services: { ${name}: { build: . } }`, Dockerfile: "FROM scratch" } }),
    ).toEqual([
      `compose.yaml:1:13: "${"a".repeat(20)}…" is a name of 240 letters; a service's name has at most 80, since it is part of tags`,
    ]);
    const longest = "a".repeat(longestServiceName);
    const files = { "compose.yaml": `services: { ${longest}: { build: . } }`, Dockerfile: "FROM scratch" };
    expect((await discoverExample({ files })).services.map((service) => service.name)).toEqual([longest]);
  });

  test("of the greatest length leaves room for everything else in a tag", () => {
    const name = "a".repeat(longestServiceName);
    const platform = parsePlatform("linux/mips64le");
    if (platform === undefined) throw new Error("linux/mips64le is a platform");
    const tags = [`pr-999999999.${buildTag("01234567", name, platform)}`, cacheTag(name, platform)];
    expect(Math.max(...tags.map((tag) => tag.length))).toBeLessThanOrEqual(128);
  });
});

describe("the address of a git context", () => {
  test.each(["ext::sh -c x", "--upload-pack=x", "/srv/shop.git", "file:///srv/shop.git", "../shop"])(
    "in slipway.yaml is refused before git runs: %s",
    async (git) => {
      const files = {
        "api/Dockerfile": "FROM scratch\n",
        "slipway.yaml": `contexts:\n  x: ${JSON.stringify({ git })}\n`,
      };
      expect(await faultsOf({ files })).toEqual([
        `slipway.yaml:2:6: ${JSON.stringify(git)} is no address that git may fetch from; write https://, ssh://, git:// or user@host:path`,
      ]);
    },
  );

  test("in a Compose file is refused before git runs", async () => {
    const files = {
      Dockerfile: "FROM scratch\n",
      "compose.yaml":
        "services:\n  api:\n    build:\n      additional_contexts: { x: ssh://-oProxyCommand=x/shop.git }\n",
    };
    expect((await faultsOf({ files })).join()).toContain("compose.yaml:4:");
    expect((await faultsOf({ files })).join()).toContain('"ssh://-oProxyCommand=x/shop.git" is no address');
  });
});
