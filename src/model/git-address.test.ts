import { describe, expect, test } from "vitest";
import { gitAddressFault, gitProtocols, gitUrlOf } from "./git-address.ts";

describe("an address of a git repository", () => {
  test.each([
    "https://github.com/acme/shop.git",
    "https://github.com/acme/shop.git#main:docker",
    "https://ada:p%40ss@git.example.test:8443/acme/shop.git#v1",
    "https://ada:to@ken@git.example.test/acme/shop.git",
    "http://[::1]:3000/shop.git",
    "ssh://git@example.test:22/acme/shop.git",
    "git://example.test/shop.git",
    "git@github.com:acme/shop.git#refs/heads/main",
    "github.com/acme/shop",
  ])("may be fetched: %s", (address) => {
    expect(gitAddressFault(address)).toBeUndefined();
  });

  test.each([
    "ext::sh -c 'touch /tmp/pwned'",
    "ext::sh%20-c%20x.git",
    "--upload-pack=touch /tmp/pwned",
    "--upload-pack=x@host:y",
    "-oProxyCommand=x@host:path",
    "file:///etc/shop.git",
    "/srv/git/shop.git",
    "../other",
    "./shop.git",
    "shop.git",
    "fd::17/shop.git",
    "ssh://-oProxyCommand=touch/shop.git",
    "ssh://-oProxyCommand=x@host/shop.git",
    "git@-oProxyCommand=x:shop.git",
    "git@host:-x",
    "git@host::x",
    "ftp://example.test/shop.git",
    "https://",
    "https:///shop.git",
    "https://example.test/a b.git",
    "https://example.test/shop.git\n#main",
    "",
  ])("is refused with its value: %s", (address) => {
    expect(gitAddressFault(address)).toContain(JSON.stringify(address));
  });

  test("asks for no ref that is an option", () => {
    expect(gitAddressFault("https://example.test/shop.git#--upload-pack=x:folder")).toContain('"--upload-pack=x"');
  });

  test("names a protocol that git is allowed, and never a local one", () => {
    expect(gitProtocols.split(":")).toEqual(["https", "http", "ssh", "git"]);
  });

  test("has BuildKit's short form for github.com", () => {
    expect(gitUrlOf("github.com/acme/shop")).toBe("https://github.com/acme/shop");
    expect(gitUrlOf("git@github.com:acme/shop")).toBe("git@github.com:acme/shop");
  });
});
