import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RegistryServer, startRegistry } from "../../sandbox/index.ts";
import { getBytes, hasEngine, listTags, makeRepo, type Repo, sandbox } from "./rig.ts";

const tiny = { "api/Dockerfile": "FROM scratch\nCOPY a.txt /\n", "api/a.txt": "api 1\n" };

describe.skipIf(!hasEngine)("a registry that asks who one is", () => {
  const right = "r1ght-passw0rd";
  let base: string;
  let server: RegistryServer;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "slipway-e2e-login-"));
    server = await startRegistry({ dir: join(base, "registry"), htpasswd: { user: "ada", password: right } });
  });
  afterAll(async () => {
    await server.stop();
    await rm(base, { recursive: true, force: true });
  });

  /** A Docker configuration with this log-in, and with buildx where it was. */
  const dockerConfig = async (name: string, password: string | undefined): Promise<Record<string, string>> => {
    const before = sandbox().env["DOCKER_CONFIG"] ?? join(process.env["HOME"] ?? "", ".docker");
    const folder = join(base, name);
    await mkdir(folder, { recursive: true });
    const plugins = join(before, "cli-plugins");
    await symlink(plugins, join(folder, "cli-plugins")).catch(() => undefined);
    const auth = Buffer.from(`ada:${password}`).toString("base64");
    const auths = password === undefined ? {} : { [server.host]: { auth } };
    await writeFile(join(folder, "config.json"), JSON.stringify({ auths }));
    return { DOCKER_CONFIG: folder, BUILDX_CONFIG: join(before, "buildx") };
  };
  const run = async (name: string, password: string | undefined, ...args: string[]) => {
    const repo = await makeRepo(tiny, { registry: server.host, env: await dockerConfig(name, password) });
    const ran = await repo.slipway(...args);
    return { repo, ran };
  };

  test.each([
    { name: "wrong", password: "wr0ng-passw0rd", source: () => join(base, "wrong", "config.json") },
    {
      name: "none",
      password: undefined,
      source: () => `no credentials (none in ${join(base, "none", "config.json")})`,
    },
  ])("refuses $name: exit 4, naming the registry and where the log-in came from, never the secret", async (given) => {
    for (const args of [["plan"], ["build"], ["release", "1.0.0"]]) {
      const { repo, ran } = await run(given.name, given.password, ...args, "--verbose");
      expect(ran.exitCode, ran.stderr).toBe(4);
      expect(ran.stderr).toContain(server.host);
      expect(ran.stderr).toMatch(/asked with/);
      expect(ran.stderr).toContain(given.source());
      expect(ran.stderr).toContain(`hint: run \`docker login ${server.host}\``);
      const auth = Buffer.from(`ada:${given.password}`).toString("base64");
      expect(ran.stdout + ran.stderr).not.toMatch(new RegExp(`wr0ng|${auth}`));
      await repo.remove();
    }
  });

  test("takes what slipway and buildx push with the right log-in", async () => {
    const { repo, ran } = await run("right", right, "release", "1.0.0", "--verbose");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).not.toContain(right);
    const [, name] = repo.prefix.split("/");
    const authorization = `Basic ${Buffer.from(`ada:${right}`).toString("base64")}`;
    const response = await fetch(`http://${server.host}/v2/${name}/api/tags/list`, { headers: { authorization } });
    expect(await response.json()).toMatchObject({ tags: expect.arrayContaining(["1.0.0", "latest"]) });
    await repo.remove();
  });
});

describe.skipIf(!hasEngine)("a secret", () => {
  const dockerfile = `FROM busybox
COPY a.txt /
RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=key \\
  test "\${#TOKEN}" = 10 && test "$(wc -c < /run/secrets/key)" = 12 && echo "has $TOKEN" && cat /run/secrets/key
`;
  const config = `
services:
  api:
    secrets:
      - { id: token, env: API_TOKEN }
      - { id: key, file: ../key }
`;
  const hidden = /env-s3cret|f1le-s3cret/;
  const files = (lines: string) => ({ "api/Dockerfile": dockerfile + lines, "api/a.txt": "api 1\n" });

  const releaseWith = async (lines: string) => {
    const repo = await makeRepo(files(lines), { config, env: { API_TOKEN: "env-s3cret" } });
    await writeFile(join(repo.folder, "../key"), "f1le-s3cret\n");
    const ran = await repo.slipway(
      "release",
      "1.0.0",
      "--verbose",
      "--events",
      "../events",
      "--notes-file",
      "../notes.md",
    );
    return { repo, ran, events: await readFile(join(repo.folder, "../events"), "utf8") };
  };

  test("gets to the build, and is nowhere in what is told, recorded and pushed", async () => {
    const { repo, ran, events } = await releaseWith("");
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stderr).toContain("has ***");
    expect(ran.stdout + ran.stderr + events).not.toMatch(hidden);
    expect(await readFile(join(repo.folder, "../notes.md"), "utf8")).not.toMatch(hidden);
    const contents = [...(await everything(repo, "api")), ...(await everything(repo, "releases"))];
    expect(contents.length).toBeGreaterThan(8);
    expect(contents.join("\n")).toContain("application/vnd.in-toto+json");
    expect(contents.join("\n")).toContain("vnd.slipway.release.v1+json");
    for (const content of contents) expect(content).not.toMatch(hidden);
    await repo.remove();
  });

  test("is nowhere in what a failing build says", async () => {
    const { repo, ran, events } = await releaseWith(
      'RUN --mount=type=secret,id=token,env=TOKEN echo "$TOKEN"; exit 3\n',
    );
    expect(ran.exitCode, ran.stderr).toBe(1);
    expect(ran.stderr).toContain("***");
    expect(ran.stdout + ran.stderr + events).not.toMatch(hidden);
    await repo.remove();
  });
});

/** Every manifest that a tag leads to, and every blob of those, unpacked. */
async function everything(repo: Repo, service: string): Promise<string[]> {
  const seen = new Map<string, string>();
  const read = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.set(path, "");
    const bytes = await getBytes(repo.image(service), path);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = (isPacked ? gunzipSync(bytes) : bytes).toString("latin1");
    seen.set(path, text);
    if (!path.startsWith("manifests/")) return;
    const { manifests = [], config, layers = [] } = JSON.parse(text);
    const isCache = manifests.some(({ mediaType }: { mediaType: string }) => !mediaType.includes("manifest"));
    for (const { digest } of manifests) await read(`${isCache ? "blobs" : "manifests"}/${digest}`);
    for (const { digest } of [...(config === undefined ? [] : [config]), ...layers]) await read(`blobs/${digest}`);
  };
  for (const tag of await listTags(repo.image(service))) await read(`manifests/${tag}`);
  return [...seen.values()];
}
