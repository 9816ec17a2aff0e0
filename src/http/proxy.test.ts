import { expect, test } from "vitest";
import { proxyOf, readProxies } from "./proxy.ts";

const proxy = "http://proxy.test:3128";

/** The proxy of a request, as the environment tells it. */
function through(env: Readonly<Record<string, string>>, url: string): string | undefined {
  const proxies = readProxies(env);
  return proxies === undefined ? undefined : proxyOf(proxies, new URL(url));
}

test.each([
  [{}, undefined, undefined],
  [{ HTTP_PROXY: "", https_proxy: " " }, undefined, undefined],
  [{ HTTP_PROXY: proxy }, proxy, proxy],
  [{ http_proxy: proxy, HTTP_PROXY: "http://other.test" }, proxy, proxy],
  [{ HTTPS_PROXY: proxy }, undefined, proxy],
  [{ https_proxy: proxy, http_proxy: "http://plain.test:80/" }, "http://plain.test", proxy],
  [{ https_proxy: "", HTTPS_PROXY: proxy }, undefined, undefined],
  [{ HTTPS_PROXY: "proxy.test:3128" }, undefined, proxy],
  [{ HTTPS_PROXY: "https://ada:s3cret@proxy.test" }, undefined, "https://ada:s3cret@proxy.test"],
])("%o: http through %s, https through %s", (env: Readonly<Record<string, string>>, http, https) => {
  expect([through(env, "http://reg.test/v2/"), through(env, "https://reg.test/v2/")]).toEqual([http, https]);
});

test.each([
  ["", "https://reg.test", true],
  ["*", "https://reg.test", false],
  ["reg.test", "https://reg.test", false],
  ["reg.test", "https://REG.test./v2/", false],
  ["reg.test", "https://eu.reg.test", false],
  ["reg.test", "https://myreg.test", true],
  [".reg.test", "https://eu.reg.test", false],
  [".reg.test", "https://reg.test", true],
  ["*.reg.test", "https://eu.reg.test", false],
  ["*.reg.test", "https://reg.test", true],
  ["other.test, REG.test", "https://reg.test", false],
  ["other.test reg.test", "https://reg.test", false],
  ["reg.test:443", "https://reg.test", false],
  ["reg.test:5000", "https://reg.test", true],
  ["reg.test:5000", "https://reg.test:5000", false],
  ["10.1.2.3", "http://10.1.2.3:5000", false],
  ["10.1.2.3", "http://10.1.2.4:5000", true],
  ["10.0.0.0/8", "http://10.1.2.4:5000", false],
  ["10.0.0.0/8", "http://11.1.2.4:5000", true],
  ["fd00::/8", "http://[fd12::1]:5000", false],
  ["[fd12::1]", "http://[fd12:0::1]", false],
  ["fd12::1", "http://[fd12::2]", true],
  ["10.0.0.0/x", "http://10.0.0.1", true],
  ["", "http://localhost:5000", false],
  ["", "http://127.0.0.1:5000", false],
  ["", "http://[::1]:5000", false],
  ["", "http://reg.localhost", false],
])("NO_PROXY=%s: %s goes through the proxy: %s", (exceptions, url, goes) => {
  for (const name of ["NO_PROXY", "no_proxy"]) {
    expect(through({ HTTP_PROXY: proxy, [name]: exceptions }, url)).toBe(goes ? proxy : undefined);
  }
});

test.each(["socks5://ada:s3cret@proxy.test:1080", "ht tp://s3cret@x"])(
  "%s is no proxy, and is not quoted",
  (written) => {
    const read = (): unknown => readProxies({ HTTPS_PROXY: written });
    expect(read).toThrow(
      expect.objectContaining({ code: "configuration", message: expect.not.stringContaining("s3cret") }),
    );
  },
);
