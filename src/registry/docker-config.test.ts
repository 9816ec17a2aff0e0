import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeTestHost } from "../testing/test-host.ts";
import { readClientProxies } from "./docker-config.ts";

const proxies = {
  default: { httpProxy: "http://default.test", noProxy: "a,b", allProxy: "not handed on", httpsProxy: "" },
  "tcp://engine.test:2376": { ftpProxy: "http://engine.test" },
};

test.each<[string, unknown, string | undefined, Record<string, string>]>([
  ["none", {}, undefined, {}],
  ["of nothing but text", { proxies: { default: { httpProxy: 3 } } }, undefined, {}],
  [
    "the default",
    { proxies: { default: proxies.default } },
    undefined,
    { HTTP_PROXY: "http://default.test", NO_PROXY: "a,b" },
  ],
  ["those of the engine", { proxies }, "tcp://engine.test:2376", { FTP_PROXY: "http://engine.test" }],
  [
    "the default for another engine",
    { proxies },
    "unix:///run/other.sock",
    { HTTP_PROXY: "http://default.test", NO_PROXY: "a,b" },
  ],
  [
    "the default where there is no Docker",
    { proxies },
    undefined,
    { HTTP_PROXY: "http://default.test", NO_PROXY: "a,b" },
  ],
])("the client's proxies are what buildx adds: %s", async (_name, config, engine, expected) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-docker-config-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const host = makeTestHost({
    env: { DOCKER_CONFIG: folder },
    run: () =>
      engine === undefined
        ? Promise.reject(new Error("there is no docker"))
        : Promise.resolve({ exitCode: 0, stdout: new TextEncoder().encode(`${engine}\n`), stderr: "" }),
  });
  expect(await readClientProxies(host)).toEqual(expected);
});
