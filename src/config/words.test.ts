import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseImageName } from "../model/reference.ts";
import { readImageReferences } from "./project/image-references.ts";
import { parseEnvFile } from "./sources/env-file.ts";
import { interpolate } from "./sources/interpolate.ts";
import type { Faults } from "./written/place.ts";
import { parseRemote } from "../formats/address.ts";
import { defaultImageTemplate, parseServiceName } from "./project/names.ts";
import { didYouMean } from "../model/closest.ts";
import { looksLikeStamp, looksSecret } from "./sources/suspicious-args.ts";
import { isGroupTag, parseDuration, templateFault } from "./project/templates.ts";
import { ignoredDockerfiles } from "./project/find-services.ts";
import { readConfig } from "./written/read-config.ts";

describe("an image name", () => {
  test.each([
    ["ghcr.io/a/w", "ghcr.io/a/w"],
    ["GHCR.io/a/w", "ghcr.io/a/w"],
    ["LocalHost:5000/w", "localhost:5000/w"],
    ["[FE80::1]:5000/w", "[fe80::1]:5000/w"],
    ["Index.Docker.IO/w", "docker.io/library/w"],
    ["Acme/w", "Acme/w"],
    ["ghcr.io/A/w", undefined],
  ])("%j is %j, and stays so when it is read again", (written, name) => {
    expect(parseImageName(written)).toBe(name);
    expect(name === undefined ? undefined : parseImageName(name)).toBe(name);
  });

  test("keeps all its tags where it is written in several ways", () => {
    const at = { file: "compose.yaml" };
    const references = ["ghcr.io/a/w:1.2.3", "GHCR.io/a/w:1.2.3-alpine"].map((value) => ({ value, at }));
    expect(readImageReferences(references).layer).toMatchObject({
      images: [{ value: "ghcr.io/a/w" }],
      tags: { version: ["{version}", "{version}-alpine"] },
    });
  });
});

describe("a service's name", () => {
  test.each([
    ["api", "api"],
    ["My_Api", "my_api"],
    ["Front End", "front-end"],
    ["a..b", "a-b"],
    ["a___b", "a-b"],
    ["a--b", "a--b"],
    ["-x-", "x"],
    ["ünï", "n"],
    ["...", undefined],
    ["", undefined],
  ])("of %j is %j", (text, name) => {
    expect(parseServiceName(text)).toBe(name);
  });

  test("is always a component of an image name, and stays as it is when read again", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."abC09._-/ é".split("")) }), (text) => {
        const name = parseServiceName(text);
        if (name === undefined) return;
        expect(parseImageName(`ghcr.io/acme/${name}`)).toBe(`ghcr.io/acme/${name}`);
        expect(parseServiceName(name)).toBe(name);
      }),
    );
  });
});

describe("the default image name", () => {
  test.each([
    ["git@github.com:Acme/Shop.git", "ghcr.io/acme/shop/{service}"],
    ["https://github.com/acme/shop", "ghcr.io/acme/shop/{service}"],
    ["https://github.com/acme/shop.git/", "ghcr.io/acme/shop/{service}"],
    ["https://x-access-token:y@github.com/acme/shop.git", "ghcr.io/acme/shop/{service}"],
    ["ssh://git@github.com:22/acme/shop.git", "ghcr.io/acme/shop/{service}"],
    ["ssh://git@ssh.github.com:443/acme/shop.git", "ghcr.io/acme/shop/{service}"],
    ["git@github.com:acme/.github.git", "ghcr.io/acme/github/{service}"],
    ["https://gitlab.com/acme/shop.git", undefined],
    ["https://github.com.evil.example/acme/shop.git", undefined],
    ["/srv/git/shop.git", undefined],
    ["", undefined],
  ])("of %j is %j", (remote, template) => {
    expect(defaultImageTemplate(parseRemote(remote))).toBe(template);
  });
});

test.each([
  ["platfroms", ', did you mean "platforms"?'],
  ["Images", ', did you mean "images"?'],
  ["imagse", ', did you mean "images"?'],
  ["zzz", ""],
])("the nearest to %j is told as %j", (text, told) => {
  expect(didYouMean(text, ["images", "platforms", "tags", "args"])).toBe(told);
});

describe("a tag's template", () => {
  test.each([
    ["{version}", "version", undefined],
    ["v{major}.{minor}-{service}", "version", undefined],
    ["latest", "branch", undefined],
    ["{branch}-{sha}", "branch", undefined],
    ["{vers}", "version", "{vers}; known are {version}"],
    ["{branch}", "version", "which a release of a version does not have"],
    ["{major}", "branch", "which a release of a branch does not have"],
    ["a b", "version", "makes no tag"],
    ["-x", "version", "makes no tag"],
    ["", "branch", "makes no tag"],
  ] as const)("%j for a %s", (template, kind, fault) => {
    if (fault === undefined) expect(templateFault(template, kind)).toBeUndefined();
    else expect(templateFault(template, kind)).toContain(fault);
  });

  test.each([
    ["v{version}", true],
    ["api-v{version}", true],
    ["{group}/{version}", true],
    ["v1", false],
    ["{version}-{version}", false],
    ["{version} x", false],
    ["{sha}{version}", false],
  ])("%j as the git tag of a group: %j", (template, good) => {
    expect(isGroupTag(template)).toBe(good);
  });
});

test.each([
  ["30d", 2_592_000],
  ["12h", 43_200],
  ["2w", 1_209_600],
  ["90m", 5400],
  ["never", null],
  ["0d", undefined],
  ["30", undefined],
  ["-1d", undefined],
])("the duration %j is %j seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  [
    ["1.2.3", "1.2", "1", "latest"],
    ["{version}", "{major}.{minor}", "{major}", "latest"],
  ],
  [
    ["v1.2.3-alpine", "1.2-alpine", "alpine"],
    ["v{version}-alpine", "{major}.{minor}-alpine", "alpine"],
  ],
  [["latest"], undefined],
  [["dev", "sha-abc1234"], undefined],
  [
    ["1.2.3", "node24"],
    ["{version}", "node24"],
  ],
  [
    ["10.0.1", "10.0"],
    ["{version}", "{major}.{minor}"],
  ],
  [["8.3-fpm"], undefined],
  [["1.2.3-rc.1-2-alpine"], ["{version}-alpine"]],
  [[`1.2.3-rc${"0".repeat(60)}a`], [`{version}-rc${"0".repeat(60)}a`]],
])("the tags %j are the templates %j", (tags, templates) => {
  const { layer } = readImageReferences(tags.map((tag) => ({ value: `r.io/shop/api:${tag}`, at: { file: "x" } })));
  expect(layer.tags?.version).toEqual(templates);
});

test("image names that a definition tags differently each have their own templates", () => {
  const at = { file: "x" };
  const references = (texts: readonly string[]) => readImageReferences(texts.map((value) => ({ value, at }))).layer;
  expect(references(["r.io/ghcr/app:1.2.3", "r.io/hub/app:latest", "r.io/hub/app:1.2"])).toMatchObject({
    tags: { version: ["{version}"] },
    imageTags: {
      "r.io/ghcr/app": { version: ["{version}"] },
      "r.io/hub/app": { version: ["latest", "{major}.{minor}"] },
    },
  });
  expect(references(["r.io/a:1.2.3", "r.io/b"]).imageTags?.["r.io/b"]).toEqual({ version: ["latest"] });
  expect(references(["r.io/a:1.2.3", "r.io/b:1.2.3"])).not.toHaveProperty("imageTags");
  expect(references(["r.io/a:dev", "r.io/b:latest"])).not.toHaveProperty("tags");
});

describe("Compose's interpolation", () => {
  const env: Readonly<Record<string, string>> = { A: "a", EMPTY: "" };
  test.each([
    ["$A", "a"],
    ["x${A}y", "xay"],
    ["${B:-d}", "d"],
    ["${EMPTY:-d}", "d"],
    ["${EMPTY-d}", ""],
    ["${B-d}", "d"],
    ["${A:+r}", "r"],
    ["${B+r}", ""],
    ["${EMPTY+r}", "r"],
    ["${B:-${A:-x}}", "a"],
    ["${B:-}", ""],
    ["$$A", "$A"],
    ["$${A}", "${A}"],
    ["no variable", "no variable"],
  ])("fills %j to %j", (text, filled) => {
    expect(interpolate(text, (name) => env[name])).toEqual({ text: filled, unset: [], fault: undefined });
  });

  test.each([
    ["${B:?write it}", "the variable B is required: write it"],
    ["${EMPTY:?}", "the variable EMPTY is required"],
    ["${", "begins no variable"],
    ["cost: 5$", "begins no variable"],
    ["${1x}", "is no variable"],
  ])("refuses %j", (text, fault) => {
    expect(interpolate(text, (name) => env[name]).fault).toContain(fault);
  });

  test("names the variables that are not set", () => {
    expect(interpolate("$X${Y}", () => undefined)).toEqual({ text: "", unset: ["X", "Y"], fault: undefined });
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."${}:-?+AB ".split("")) }), (text) => {
        expect(typeof interpolate(text, () => undefined).text).toBe("string");
      }),
    );
  });

  test("reads .env files", () => {
    const text = `
      # comment
      A=1 # comment
      export B = two words
      C='$A # kept'
      D="x\\ny $A"
      E=\${A}-\${F:-f}
      G=
      H="a \\$A"
    `;
    expect(Object.fromEntries(parseEnvFile(".env", text, (name) => (name === "F" ? "outer" : undefined)))).toEqual({
      A: "1",
      B: "two words",
      C: "$A # kept",
      D: "x\ny 1",
      E: "1-outer",
      G: "",
      H: "a $A",
    });
  });
});

describe("a build arg", () => {
  test.each([
    ["NPM_TOKEN", "abc"],
    ["npmToken", "abc"],
    ["DB_PASSWORD", "abc"],
    ["AWS_SECRET_ACCESS_KEY", "abc"],
    ["API_KEY", "abc"],
    ["X", `ghp_${"a".repeat(36)}`],
    ["X", "AKIAABCDEFGHIJKLMNOP"],
    ["X", "-----BEGIN RSA PRIVATE KEY-----"],
    ["X", "https://me:pass@example.com/x"],
    ["X", "https://me@corp.test:pa@ss@example.com/x"],
  ])("%s=%s looks like a secret", (name, value) => {
    expect(looksSecret(name, value)).toMatch(/looks like a secret/);
  });

  test.each([
    ["NPM_TOKEN", ""],
    ["TOKEN_URL", "https://example.com"],
    ["NODE_VERSION", "24"],
    ["TOKENIZER", "bpe"],
    ["KEYBOARD", "us"],
    ["X", "https://example.com/a@b"],
  ])("%s=%s does not look like a secret", (name, value) => {
    expect(looksSecret(name, value)).toBeUndefined();
  });

  test.each([
    ["GIT_SHA", "abc", true],
    ["COMMIT", "dev", true],
    ["BUILD_DATE", "", true],
    ["VCS_REF", "x", true],
    ["VERSION", "v1.2.0-3-gabc1234", true],
    ["VERSION", "1.2.0", false],
    ["NODE_VERSION", "24", false],
    ["LIBFOO_COMMIT", "0123456789012345678901234567890123456789", false],
  ])("%s=%s changes with every commit: %j", (name, value, changes) => {
    expect(looksLikeStamp(name, value)).toBe(changes);
  });
});

test.each([
  ["tools/**", "tools/a/Dockerfile", true],
  ["tools", "tools/a/Dockerfile", true],
  ["./tools/", "tools/a/Dockerfile", true],
  ["**/Dockerfile.old", "a/b/Dockerfile.old", true],
  ["**/Dockerfile.old", "Dockerfile.old", true],
  ["*/Dockerfile", "a/b/Dockerfile", false],
  ["a?c/[xy]*", "abc/xylo", true],
  ["a?c/[^xy]*", "abc/xylo", false],
  ["a.c", "abc", false],
])("ignore: %j takes %j as a .dockerignore does: %j", (pattern, path, taken) => {
  expect(ignoredDockerfiles(readConfig("slipway.yaml", JSON.stringify({ ignore: [pattern] }), []))(path)).toBe(taken);
});

test("ignore: takes exceptions, in order", () => {
  const isIgnored = ignoredDockerfiles(readConfig("slipway.yaml", 'ignore: [tools, "!tools/api"]', []));
  expect(["tools/a/Dockerfile", "tools/api/Dockerfile"].map(isIgnored)).toEqual([true, false]);
});

test("ignore: refuses what is no pattern, with its line", () => {
  const faults: Faults = [];
  readConfig("slipway.yaml", 'ignore:\n  - tools\n  - "[x-]"\n  - "[b-a]"\n', faults);
  expect(faults.map(({ line, message }) => [line, message])).toEqual([
    [3, '"[x-]" is no pattern of an ignore file'],
    [4, '"[b-a]" is no pattern of an ignore file'],
  ]);
});
