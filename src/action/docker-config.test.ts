import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeRun } from "../github/run.ts";
import { emptyDockerConfig } from "../formats/docker-config.ts";
import { makeFindCredentials, readDockerConfig } from "../registry/docker-config.ts";
import { makeTestHost } from "../testing/test-host.ts";
import { makeDockerConfig, removeDockerConfig } from "./docker-config.ts";
import { planLogins } from "./logins.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function makeHome(config?: object) {
  const base = await mkdtemp(join(tmpdir(), "slipway-home-"));
  closing.push(() => rm(base, { recursive: true, force: true }));
  const docker = join(base, ".docker");
  await mkdir(join(docker, "cli-plugins"), { recursive: true });
  if (config !== undefined) await writeFile(join(docker, "config.json"), JSON.stringify(config));
  const host = makeTestHost({ env: { HOME: base } });
  return { host, docker };
}

const login = { host: "docker.io", user: "ada", password: "s3cret" };

describe("a Docker configuration of the job's own", () => {
  test("is never in the workspace", async () => {
    const { host } = await makeHome();
    const folder = await makeDockerConfig(host, [login]);
    closing.push(() => removeDockerConfig(folder));
    expect(folder.startsWith(join(tmpdir(), "slipway-docker-"))).toBe(true);
  });

  test("has the person's logins and those of the input, and links everything else", async () => {
    const { host, docker } = await makeHome({ auths: { "quay.io": { auth: "cTpx" } }, currentContext: "builders" });
    const folder = await makeDockerConfig(host, [login]);
    expect(await readdir(folder)).toEqual(["cli-plugins", "config.json"]);
    expect(await readlink(join(folder, "cli-plugins"))).toBe(join(docker, "cli-plugins"));
    expect(JSON.parse(await readFile(join(folder, "config.json"), "utf8"))).toEqual({
      auths: { "quay.io": { auth: "cTpx" }, "https://index.docker.io/v1/": { auth: "YWRhOnMzY3JldA==" } },
      currentContext: "builders",
    });
    expect((await stat(join(folder, "config.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(docker, "config.json"), "utf8"))).not.toHaveProperty("credHelpers");
  });

  test("is found by whoever asks for credentials, also where a helper keeps all others", async () => {
    const { host } = await makeHome({ credsStore: "desktop", credHelpers: { "quay.io": "other" } });
    const folder = await makeDockerConfig(host, [login]);
    const find = makeFindCredentials({ ...host, env: { DOCKER_CONFIG: folder } });
    expect(await find("docker.io")).toMatchObject({ kind: "password", user: "ada", password: "s3cret" });
  });

  test("goes without taking along what is linked", async () => {
    const { host, docker } = await makeHome({});
    await writeFile(join(docker, "cli-plugins", "docker-buildx"), "");
    const folder = await makeDockerConfig(host, [login]);
    await removeDockerConfig(folder);
    expect(await readdir(join(docker, "cli-plugins"))).toEqual(["docker-buildx"]);
    await expect(stat(folder)).rejects.toThrow("ENOENT");
  });

  test("that cannot be read is told without what is in it", async () => {
    const { host, docker } = await makeHome();
    await writeFile(join(docker, "config.json"), '{"auths": s3cret');
    await expect(readDockerConfig(host.env)).rejects.toThrow(/config\.json: it is not JSON$/);
  });
});

describe("logins of a run", () => {
  const { ci } = makeRun({ GITHUB_ACTOR: "octocat" }, undefined);
  const request = { logins: [login], token: "ghs_1" };

  test("have the job's token for GitHub's own registry", () => {
    const own = { host: "ghcr.io", user: "octocat", password: "ghs_1" };
    expect(planLogins(ci, request, emptyDockerConfig)).toEqual({ logins: [own, login], empty: [] });
  });

  test("leave alone what a step before or the input logged in to", () => {
    for (const key of ["ghcr.io", "https://ghcr.io", "https://GHCR.io/v2/"]) {
      const auths = { [key]: { auth: "cGF0OnBhdA==" } };
      expect(planLogins(ci, request, { ...emptyDockerConfig, auths }).logins).toEqual([login]);
    }
    const given = { host: "ghcr.io", user: "bot", password: "pat" };
    expect(planLogins(ci, { ...request, logins: [given] }, emptyDockerConfig).logins).toEqual([given]);
  });

  test("give an Enterprise Server's token to its own registry, and to no other", () => {
    const server = makeRun({ GITHUB_SERVER_URL: "https://ghe.example.com" }, undefined);
    const hosts = planLogins(server.ci, request, emptyDockerConfig).logins;
    expect(hosts.map(({ host }) => host)).toEqual(["containers.ghe.example.com", "docker.io"]);
  });

  test("leave out a line without secrets, as runs for forks have it", () => {
    const logins = [{ host: "docker.io", user: "", password: "" }];
    expect(planLogins(ci, { logins, token: undefined }, emptyDockerConfig)).toEqual({
      logins: [],
      empty: ["docker.io"],
    });
  });
});
