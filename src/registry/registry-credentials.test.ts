import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Host } from "../host.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { type Registry, makeRegistry } from "./registry.ts";
import { imageName } from "../testing/image-name.ts";
import { failureOf } from "../testing/failure-of.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Hosts as functions from what was sent to an answer; a client that is logged in to all of them. */
function clientOf(
  login: { auth: string } | { identitytoken: string },
  answer: (sent: Sent) => Response,
  env: Record<string, string> = {},
): { registry: Registry; sent: Sent[] } {
  const folder = mkdtempSync(join(tmpdir(), "slipway-credentials-"));
  folders.push(folder);
  const hosts = ["registry.test", "plain.test:5000"];
  writeFileSync(
    join(folder, "config.json"),
    JSON.stringify({ auths: Object.fromEntries(hosts.map((host) => [host, login])) }),
  );
  const sent: Sent[] = [];
  const fetch: Host["fetch"] = (input, init) => {
    const url = new URL(input);
    const body = init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : "";
    const authorization = new Headers(init?.headers).get("authorization") ?? undefined;
    const request = { method: init?.method ?? "GET", url, authorization, body };
    sent.push(request);
    return Promise.resolve(answer(request));
  };
  return { registry: makeRegistry(makeTestHost({ fetch, env: { DOCKER_CONFIG: folder, ...env } })), sent };
}

const password = { auth: Buffer.from("ada:s3cret").toString("base64") };
const refresh = { identitytoken: "refresh-s3cret" };

/** Whatever of the login was sent to a host, in whichever way. */
function secretsSentTo(host: string, sent: readonly Sent[]): string[] {
  return sent
    .filter(({ url }) => url.host === host)
    .map(({ authorization = "", body, url }) => `${authorization} ${body} ${url.href}`)
    .filter((text) => /s3cret|YWRh/.test(text));
}

function challenge(realm: string): Response {
  return new Response("", { status: 401, headers: { "www-authenticate": `Bearer realm="${realm}",service="x"` } });
}

function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

const token = (): Response => new Response(JSON.stringify({ token: "given" }));
const manifest = (): Response => new Response(JSON.stringify({ schemaVersion: 2, manifests: [] }));

describe("a token server that redirects to another server", () => {
  test.each([
    ["a refresh token", refresh, 307],
    ["a refresh token", refresh, 308],
    ["a password", password, 302],
    ["a password", password, 307],
  ])("does not get %s sent there (%s, %i)", async (_, login, status) => {
    const { registry, sent } = clientOf(login, ({ url }) =>
      url.host === "registry.test"
        ? challenge("https://auth.test/token")
        : url.host === "auth.test"
          ? redirect(status, "https://evil.test/token")
          : token(),
    );
    const error = await failureOf(registry.getManifest(imageName("registry.test/shop/api"), "1"));
    expect(error.code).toBe("credentials");
    expect(error.message).toBe(
      'reading registry.test/shop/api:1: the token server of registry.test, auth.test, redirects to "evil.test"',
    );
    expect(sent.map(({ url }) => url.host)).toEqual(["registry.test", "auth.test"]);
  });

  test("on the same server is followed, with what it was asked with", async () => {
    const { registry, sent } = clientOf(refresh, ({ url, authorization }) => {
      if (url.pathname === "/token") return redirect(307, "/v2-token");
      if (url.pathname === "/v2-token") return token();
      return authorization === undefined ? challenge("https://registry.test/token") : manifest();
    });
    await registry.getManifest(imageName("registry.test/shop/api"), "1");
    expect(sent.filter(({ body }) => body.includes("refresh-s3cret")).map(({ url }) => url.pathname)).toEqual([
      "/token",
      "/v2-token",
    ]);
  });

  test("is followed when there is nothing to lose: nobody in particular asks", async () => {
    const folder = { DOCKER_CONFIG: "/nowhere" };
    const answer = ({ url, authorization }: Sent): Response => {
      if (url.host === "auth.test") return redirect(307, "https://other.test/token");
      if (url.host === "other.test") return token();
      return authorization === undefined ? challenge("https://auth.test/token") : manifest();
    };
    const { registry } = clientOf(password, answer, folder);
    expect(await registry.getManifest(imageName("registry.test/shop/api"), "1")).toBeDefined();
  });
});

describe("a plain-HTTP registry whose token server is on another plain-HTTP host", () => {
  const api = imageName("plain.test:5000/shop/api");
  const answer = ({ url, authorization }: Sent): Response => {
    if (url.pathname === "/token") return token();
    return authorization === undefined ? challenge("http://auth.test/token") : manifest();
  };
  const insecure = { SLIPWAY_INSECURE_REGISTRIES: "plain.test:5000" };

  test.each([
    ["a password", password],
    ["a refresh token", refresh],
  ])("gets no %s for it", async (_, login) => {
    const { registry, sent } = clientOf(login, answer, insecure);
    const error = await failureOf(registry.getManifest(api, "1"));
    expect(error).toMatchObject({ code: "credentials" });
    expect(error.message).toContain(
      'plain.test:5000 wants a token from "auth.test", which is reached without encryption',
    );
    expect(error.message).toContain("reading plain.test:5000/shop/api:1");
    expect(error.hint).toContain("SLIPWAY_INSECURE_REGISTRIES=plain.test:5000,auth.test");
    expect(secretsSentTo("auth.test", sent)).toEqual([]);
  });

  test("is asked for a token by nobody in particular", async () => {
    const { registry, sent } = clientOf(password, answer, { ...insecure, DOCKER_CONFIG: "/nowhere" });
    expect(await registry.getManifest(api, "1")).toBeDefined();
    expect(secretsSentTo("auth.test", sent)).toEqual([]);
  });

  test.each([
    ["that the user named as well", "http://auth.test/token", "plain.test:5000,auth.test"],
    ["that is the same host on another port", "http://plain.test:5001/token", "plain.test:5000"],
    ["that speaks TLS", "https://auth.test/token", "plain.test:5000"],
  ])("gets the password for one %s", async (_, realm, hosts) => {
    const { registry, sent } = clientOf(
      password,
      ({ url, authorization }) =>
        url.pathname === "/token" ? token() : authorization === undefined ? challenge(realm) : manifest(),
      { SLIPWAY_INSECURE_REGISTRIES: hosts },
    );
    expect(await registry.getManifest(api, "1")).toBeDefined();
    expect(secretsSentTo(new URL(realm).host, sent)).toHaveLength(1);
  });
});

test("the pages of a list are asked for without credentials where the list itself was redirected to another server", async () => {
  const { registry, sent } = clientOf(password, ({ url, authorization }) => {
    if (url.host === "registry.test") {
      const basic = new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } });
      return authorization === undefined ? basic : redirect(307, "https://elsewhere.test/tags");
    }
    if (url.search !== "") return new Response(JSON.stringify({ tags: ["two"] }));
    const headers = { link: '<https://registry.test/tags?n=2>; rel="next"' };
    return new Response(JSON.stringify({ tags: ["one"] }), { headers });
  });
  expect(await registry.listTags(imageName("registry.test/shop/api"))).toEqual(["one", "two"]);
  expect(secretsSentTo("elsewhere.test", sent)).toEqual([]);
});

test.each([
  ["another host by plain HTTP", "http://evil.test/upload"],
  ["a file", "file:///etc/passwd"],
])("an upload is not sent on to %s", async (_, location) => {
  const { registry, sent } = clientOf(password, ({ method }) =>
    method === "HEAD"
      ? new Response(null, { status: 404 })
      : new Response(null, { status: 202, headers: { location } }),
  );
  const error = await failureOf(registry.putBlob(imageName("registry.test/shop/api"), new Uint8Array(10)));
  expect(error.code).toBe("unavailable");
  expect(sent.map(({ url }) => url.host)).toEqual(["registry.test", "registry.test"]);
});

test("a token that is no header's text is not quoted", async () => {
  const { registry } = clientOf(password, ({ url }) =>
    url.pathname === "/token"
      ? new Response(JSON.stringify({ token: "a\nb-s3cret" }))
      : challenge("https://registry.test/token"),
  );
  const error = await failureOf(registry.getManifest(imageName("registry.test/shop/api"), "1"));
  expect(error.code).toBe("credentials");
  expect(error.message).not.toContain("s3cret");
});
