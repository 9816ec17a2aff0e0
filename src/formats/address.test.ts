import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  hasPassword,
  parseAddress,
  parseRemote,
  redactAddresses,
  redactUserInfo,
  withoutCredentials,
} from "./address.ts";

describe("an address", () => {
  test.each([
    [
      "https://user:tok@en@github.com/acme/shop.git",
      ["https", "user:tok@en", "github.com", undefined, "/acme/shop.git"],
    ],
    ["HTTPS://Host.Test:8443/a@b?c=d@e#f", ["https", undefined, "host.test", "8443", "/a@b?c=d@e#f"]],
    ["https://me%40corp:p%2Fw@host.test", ["https", "me%40corp:p%2Fw", "host.test", undefined, ""]],
    ["ssh://git@[::1]:22/a", ["ssh", "git", "[::1]", "22", "/a"]],
    ["git@github.com:acme/shop.git", [undefined, "git", "github.com", undefined, "acme/shop.git"]],
    ["github:acme/a@b", [undefined, undefined, "github", undefined, "acme/a@b"]],
    ["a@b@host:x", [undefined, "a@b", "host", undefined, "x"]],
  ])("%s is read to the last @ of its authority", (text, [scheme, userInfo, host, port, rest]) => {
    expect(parseAddress(text)).toEqual({ scheme, userInfo, host, port, rest });
  });

  test.each([
    "/srv/git/shop.git",
    "",
    "./a:b",
    "https://",
    "https://user:pa/ss@host/a",
    "file:///srv/a",
    "https://a b/c",
  ])("%j is none", (text) => expect(parseAddress(text)).toBeUndefined());
});

describe("a remote", () => {
  const shop = { host: "github.com", owner: "acme", repository: "shop" };
  test.each([
    ["https://user:tok@en@github.com/acme/shop.git", shop],
    ["https://github.com:443/acme/shop/", shop],
    ["ssh://git@ssh.github.com:443/acme/shop.git", shop],
    ["git@github.com:/acme/shop", shop],
    ["https://ghe.test:8443/acme/shop", { ...shop, host: "ghe.test:8443" }],
    ["git@gitlab.com:acme/group/shop.git", { host: "gitlab.com", owner: "acme/group", repository: "shop" }],
    ["https://github.com/acme", undefined],
    ["https://github.com/acme/shop?ref=x", undefined],
    ["file://host/acme/shop", undefined],
    ["ext::sh -c x", undefined],
  ])("%s is %o", (text, remote) => expect(parseRemote(text)).toEqual(remote));
});

describe("credentials", () => {
  test.each([
    ["https://user:tok@en@github.com/acme/shop.git", "https://github.com/acme/shop.git"],
    ["https://user:pass@example.test/a.git", "https://example.test/a.git"],
    ["https://token@example.test/a.git", "https://example.test/a.git"],
    ["https://example.test/a@b.git", "https://example.test/a@b.git"],
    ["HTTPS://u:p@Example.test/A", "HTTPS://Example.test/A"],
    ["git@example.test:a/b.git", "git@example.test:a/b.git"],
    ["ssh://git:p@w@example.test/a.git", "ssh://git@example.test/a.git"],
    ["git+ssh://git:pw@example.test/a", "git+ssh://git@example.test/a"],
    ["me:p@w@example.test:a/b.git", "me@example.test:a/b.git"],
    ["/srv/git/a.git", "/srv/git/a.git"],
    ["https://user:pa/ss@example.test/a.git", "https://example.test/a.git"],
  ])("of %s taken out leave %s", (text, shown) => expect(withoutCredentials(text)).toBe(shown));

  test.each([
    ["https://user:tok@en@github.com/a", true],
    ["https://me@corp.test:pw@host/a", true],
    ["https://token@host/a", false],
    ["https://host:80/a:b@c", false],
    ["me:x@host:y", false],
  ])("of %s hold a password: %s", (text, is) => expect(hasPassword(text)).toBe(is));

  test.each([
    ["at https://me:se@cret@a.test/x, and ssh://git:b@c.test", "at https://a.test/x, and ssh://c.test"],
    ["docker-image://node:24@sha256:1", "docker-image://node:24@sha256:1"],
    ["oci-layout:///f@sha256:1 me@host.test", "oci-layout:///f@sha256:1 me@host.test"],
  ])("in the text %j are shown as %j", (text, shown) => expect(redactUserInfo(text)).toBe(shown));

  test("take the query of an address with them", () => {
    expect(redactAddresses("GET https://me:a@b@a.test/x?sig=1&b=2 failed")).toBe("GET https://a.test/x?… failed");
  });

  test("never stay in an address or in a text, whatever they are made of", () => {
    const secret = fc.string({
      minLength: 1,
      unit: fc.constantFrom("@", "%", ":", "!", "'", '"', "<", "\\", "~", "é"),
    });
    const scheme = fc.constantFrom("https", "http", "ssh", "git+https", "postgres");
    fc.assert(
      fc.property(scheme, secret, fc.constantFrom("", ":5000"), (name, password, port) => {
        const address = `${name}://me:S${password}S@host.test${port}/acme/shop.git`;
        for (const shown of [withoutCredentials(address), redactUserInfo(`cloning ${address} failed`)]) {
          expect(shown).toMatch(new RegExp(`${name.replace("+", "\\+")}://(?:me@)?host\\.test${port}/acme/shop\\.git`));
          expect(shown).not.toContain(`S${password}S`);
        }
      }),
    );
  });
});
