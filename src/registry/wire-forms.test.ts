import { describe, expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";
import { isLoopback } from "../formats/address.ts";
import { makeEndpoint, makeEndpoints, parseMirrors, urlAt } from "./endpoint.ts";
import { type Fault, faultOfThrown, isAmbiguous, mayPass, parseRetryAfter, plainStatus, statusFault } from "./fault.ts";
import { makeLimiter } from "./limiter.ts";
import { backoffMs, defaultTries } from "./retry.ts";
import { scopesCover, joinScopes, parseScopes, renderScope } from "./scope.ts";
import { imageName } from "../testing/image-name.ts";

describe("challenges", () => {
  test.each([
    ["", []],
    ['Basic realm="Registry"', [{ scheme: "basic", parameters: { realm: "Registry" } }]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          parameters: {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:a/b:pull,push",
          },
        },
      ],
    ],
    [
      'Negotiate, Bearer Realm = "x\\"y" , service=plain , Basic realm="z"',
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "bearer", parameters: { realm: 'x"y', service: "plain" } },
        { scheme: "basic", parameters: { realm: "z" } },
      ],
    ],
    ["???", []],
  ])("%s", (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });
});

describe("scopes", () => {
  test("the same actions are the same scope, in whatever order", () => {
    expect(renderScope({ repository: "a/b", actions: ["push", "pull"] })).toBe("repository:a/b:pull,push");
    expect(parseScopes("repository:host:5000/a:pull registry:catalog:* repository:c:pull,push")).toEqual([
      { repository: "host:5000/a", actions: ["pull"] },
      { repository: "c", actions: ["pull", "push"] },
    ]);
  });

  test("a wider token serves a narrower request, and never the other way round", () => {
    const wide = joinScopes(parseScopes("repository:a:push repository:b:pull"), parseScopes("repository:a:pull"));
    expect(wide).toEqual([
      { repository: "a", actions: ["pull", "push"] },
      { repository: "b", actions: ["pull"] },
    ]);
    expect(scopesCover(wide, parseScopes("repository:a:pull"))).toBe(true);
    expect(scopesCover(wide, parseScopes("repository:b:push"))).toBe(false);
    expect(scopesCover(wide, parseScopes("repository:c:pull"))).toBe(false);
  });
});

describe("where a registry is reached", () => {
  test.each([
    ["docker.io", "https://registry-1.docker.io"],
    ["ghcr.io", "https://ghcr.io"],
    ["localhost", "http://localhost"],
    ["localhost:5000", "http://localhost:5000"],
    ["127.0.0.1:5555", "http://127.0.0.1:5555"],
    ["127.1.2.3", "http://127.1.2.3"],
    ["[::1]:5000", "http://[::1]:5000"],
    ["registry.lan:5000", "http://registry.lan:5000"],
    ["other.lan:5000", "https://other.lan:5000"],
    ["127.0.0.1.evil.test", "https://127.0.0.1.evil.test"],
    ["localhost.evil.test", "https://localhost.evil.test"],
  ])("%s is %s", (registry, origin) => {
    expect(makeEndpoint(registry, new Set(["registry.lan:5000"])).origin).toBe(origin);
    expect(isLoopback(registry)).toBe(origin.startsWith("http:") && registry !== "registry.lan:5000");
  });

  test("mirrors are asked in the order they are named, with the path they were given", () => {
    const mirrors = parseMirrors(" docker.io=http://127.0.0.1:5001 , docker.io=https://hub.example.com/proxy/ ,");
    const endpoints = makeEndpoints(mirrors, new Set());
    const name = imageName("node");
    expect(endpoints.mirrorsOf(name).map((endpoint) => urlAt(endpoint, name, "manifests/24").href)).toEqual([
      "http://127.0.0.1:5001/v2/library/node/manifests/24",
      "https://hub.example.com/v2/proxy/library/node/manifests/24",
    ]);
    expect(endpoints.mirrorsOf(imageName("ghcr.io/a/b"))).toEqual([]);
  });
});

describe("faults", () => {
  const broken = (code: string): Error =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("why"), { code }) });
  test.each([
    ["ECONNREFUSED", true, false],
    ["ENOTFOUND", true, false],
    ["ECONNRESET", true, true],
    ["ETIMEDOUT", true, false],
    ["ERR_PROXY_TUNNEL", true, false],
    ["CERT_HAS_EXPIRED", false, false],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", false, false],
    ["ERR_SSL_WRONG_VERSION_NUMBER", false, false],
    ["SOMETHING_NEW", true, true],
  ])("%s: may pass %s, may have been done %s", (code, passes, ambiguous) => {
    const fault = faultOfThrown(broken(code));
    expect([mayPass(fault), isAmbiguous(fault)]).toEqual([passes, ambiguous]);
  });

  test("of several addresses that were tried, the reason is read from inside", () => {
    const cause = new AggregateError([Object.assign(new Error("no"), { code: "ECONNREFUSED" })]);
    expect(faultOfThrown(new TypeError("fetch failed", { cause }))).toMatchObject({ what: "refused" });
  });

  const header = (): null => null;
  test.each([
    [403, '{"errors":[{"code":"DENIED","message":"You have exceeded a secondary rate limit."}]}', true],
    [403, '{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}', false],
    [403, '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}', true],
    [429, "", true],
    [401, "rate limit", false],
  ])("%s with %s is a rate limit: %s", (status, body, isRateLimit) => {
    expect(statusFault(status, body, header, 0)).toMatchObject({ kind: "status", status, isRateLimit });
  });

  test.each([
    ['{"errors":[{"code":"A","message":"b"},{"code":"C"}]}', "A: b; C"],
    ['{"details":"incorrect username or password"}', "incorrect username or password"],
    ["<html><body>Bad gateway</body></html>", ""],
    ["plain\n  text", "plain text"],
    ["", ""],
    ["null", ""],
  ])("the message of %s is %j", (body, message) => {
    expect(statusFault(500, body, header, 0)).toMatchObject({ message });
  });

  test.each([
    ["120", 120_000],
    ["0", 0],
    ["Thu, 01 Jan 1970 00:01:00 GMT", 60_000],
    ["", undefined],
    ["soon", undefined],
  ])("Retry-After %j", (text, wait) => {
    expect(parseRetryAfter(text, 0)).toBe(wait);
  });

  test("all tries together are patient for about twelve seconds, and never wait longer than two minutes once", () => {
    const fault: Fault = { kind: "connection", what: "refused", detail: "connection refused" };
    const waits = Array.from({ length: defaultTries - 1 }, (_, index) => backoffMs(fault, index + 1, 0.5));
    expect(waits).toEqual([188, 375, 750, 1500, 3000, 6000]);
    const limit = { ...plainStatus(429, ""), isRateLimit: true };
    expect(backoffMs({ ...limit, retryAfterMs: 1e9 }, 1, 1)).toBeLessThanOrEqual(120_250);
    expect(backoffMs(limit, 20, 1)).toBe(60_000);
  });
});

test("a limiter lets in as many as it has places, in order, and forgets who gave up waiting", async () => {
  const limiter = makeLimiter(1);
  const patient = new AbortController();
  const impatient = new AbortController();
  const entered: string[] = [];
  const enter = async (name: string, signal: AbortSignal): Promise<() => void> => {
    const leave = await limiter.enter(signal);
    entered.push(name);
    return leave;
  };
  const leaveFirst = await enter("first", patient.signal);
  const second = enter("second", impatient.signal);
  const third = enter("third", patient.signal);
  impatient.abort();
  await expect(second).rejects.toThrow("aborted");
  await expect(enter("late", impatient.signal)).rejects.toThrow("aborted");
  leaveFirst();
  leaveFirst();
  (await third)();
  (await enter("fourth", patient.signal))();
  expect(entered).toEqual(["first", "third", "fourth"]);
});
