import { describe, expect, test } from "vitest";
import { runCli } from "../../cli/program.ts";
import { history } from "../../index.ts";
import type { HistoryDocument, HistoryService } from "../../model/history-document.ts";
import { digestOf } from "../../model/digest.ts";
import { makeArtifactManifest } from "../../images/artifact.ts";
import { makeShop, type Shop } from "../testing/shop.ts";

/** Two releases; in the second web's page changed, and api and base are reused. */
async function releasedTwice(env: Record<string, string> = {}): Promise<Shop> {
  const shop = await makeShop();
  shop.env = env;
  await shop.release({ version: "1.0.0" });
  await shop.repository.commit({ "web/index.html": "web 2" }, "web: Change");
  await shop.release({ version: "1.1.0" });
  return shop;
}

function serviceOf({ releases }: HistoryDocument, release: string, service: string): HistoryService | undefined {
  return releases.find(({ version }) => version === release)?.services.find((each) => each.service === service);
}

describe("slipway history", () => {
  test("says what each release built and why, what it took, and what reuse saved", async () => {
    const read = await history({ host: (await releasedTwice()).host() });
    expect(read.releases.map(({ version, services }) => [version, services.map(({ origin }) => origin)])).toEqual([
      ["1.1.0", ["reused", "reused", "built"]],
      ["1.0.0", ["built", "built", "built"]],
    ]);
    expect(serviceOf(read, "1.1.0", "web")).toMatchObject({
      buildSeconds: expect.any(Number),
      work: {
        reason: {
          kind: "inputs-changed",
          text: "changed: web/index.html",
          causes: [{ what: "file", name: "web/index.html" }],
        },
        builderSeconds: expect.any(Number),
        savedSeconds: null,
      },
    });
    expect(serviceOf(read, "1.1.0", "base")).toMatchObject({
      buildSeconds: null,
      work: {
        reason: { kind: "unchanged", causes: [] },
        builderSeconds: null,
        savedSeconds: expect.any(Number),
        vertices: null,
      },
    });
    expect(read.totals).toMatchObject({
      releases: 2,
      built: 4,
      reused: 2,
      kept: 0,
      builderSeconds: { known: 4, unknown: 0 },
      savedSeconds: { known: 2, unknown: 0 },
    });
    expect(read.releases[0]?.run).toBeNull();
  });

  test("shows the releases of one service, since a time, and no more than asked for", async () => {
    const shop = await releasedTwice();
    const read = async (options: Parameters<typeof history>[0]): Promise<unknown> =>
      (await history({ ...options, host: shop.host() })).releases.map(({ version, services }) => [
        version,
        services.length,
      ]);
    expect(await read({ service: ["web"] })).toEqual([
      ["1.1.0", 1],
      ["1.0.0", 1],
    ]);
    expect(await read({ limit: 1 })).toEqual([["1.1.0", 3]]);
    expect(await read({ since: "2100-01-01" })).toEqual([]);
    expect(await read({ since: "3650d" })).toHaveLength(2);
    await expect(read({ since: "soon" })).rejects.toThrow('--since "soon" is no time');
    await expect(read({ service: ["wbe"] })).rejects.toThrow('there is no service "wbe"');
  });

  test("knows nothing of the work of a record of an earlier version, and does not count it as 0", async () => {
    const shop = await makeShop();
    const { releases } = await shop.release({ version: "1.0.0" });
    const manifest = releases[0]?.manifest;
    if (manifest === undefined) throw new Error("nothing was released");
    const old = { ...manifest, services: manifest.services.map(({ work: _work, ...service }) => service) };
    await putRecord(shop, "1.0.0", old);
    const read = await history({ host: shop.host() });
    expect(serviceOf(read, "1.0.0", "web")).toMatchObject({ work: null });
    expect(read.totals.builderSeconds).toEqual({ seconds: null, known: 0, unknown: 3 });
    const host = shop.host();
    await runCli(host, ["history"]);
    expect(host.printed.stdout).toContain("builders worked a time that is not known (3 services)");
    expect(host.printed.stdout).toMatch(/1\.0\.0 {2,}3 built {2,}not known {2,}not known {2,}not known\n/);
  });

  test("leaves out a record that it cannot read, and says so", async () => {
    const shop = await releasedTwice();
    await putRecord(shop, "1.1.0", { schemaVersion: 2 });
    const read = await history({ host: shop.host() });
    expect(read.releases.map(({ version }) => version)).toEqual(["1.0.0"]);
    expect(read.notes).toEqual([expect.stringMatching(/^the record 1\.1\.0 is left out: /)]);
  });

  test("prints CSV with a row for each release and service", async () => {
    const shop = await releasedTwice();
    const host = shop.host();
    await runCli(host, ["history", "--csv"]);
    const rows = host.printed.stdout.trim().split(/\r?\n/);
    expect(rows).toHaveLength(7);
    expect(rows[0]).toMatch(/^released_at,release,group,commit,run,/);
    expect(rows.find((row) => row.includes(",1.1.0,") && row.includes(",web,"))).toMatch(
      /,,,,web,built,inputs-changed,changed: web\/index\.html,[\d.]+,[\d.]+,,/,
    );
  });

  test("asks GitHub for the times of runs where there is a token, and only there", async () => {
    const shop = await releasedTwice();
    const { releases } = await shop.release({ version: "1.1.0" });
    await putRecord(shop, "1.1.0", { ...releases[0]?.manifest, run: { id: "42", attempt: 2 } });
    await shop.repository.git("remote", "add", "origin", "https://github.com/acme/shop.git");
    const asked: string[] = [];
    const answers: Record<string, unknown> = {
      "/actions/runs/42/attempts/2": {
        html_url: "https://github.com/acme/shop/actions/runs/42",
        run_started_at: "2026-01-01T00:00:00Z",
        conclusion: "success",
      },
      "/actions/runs/42/attempts/2/jobs": {
        total_count: 2,
        jobs: [
          { started_at: "2026-01-01T00:00:30Z", completed_at: "2026-01-01T00:02:30Z" },
          { started_at: "2026-01-01T00:00:20Z", completed_at: null },
        ],
      },
    };
    const runOf = async (env: Record<string, string>, status = 200): Promise<unknown> => {
      shop.env = env;
      const host = shop.host();
      const fetch: typeof host.fetch = (url, init) => {
        const { hostname, pathname } = new URL(url);
        if (hostname !== "api.github.com") return host.fetch(url, init);
        asked.push(pathname);
        const answer = answers[pathname.replace("/repos/acme/shop", "")] ?? {};
        const response = Response.json(status === 200 ? answer : { message: "no" }, { status });
        return Promise.resolve(Object.defineProperty(response, "url", { value: url }));
      };
      const read = await history({ limit: 1, host: { ...host, fetch } });
      return { run: read.releases[0]?.run, notes: read.notes };
    };
    const unknown = { id: "42", attempt: 2, url: null, queueSeconds: null, jobSeconds: null, conclusion: null };
    expect(await runOf({})).toEqual({
      run: unknown,
      notes: ["GitHub was not asked for the times of runs: there is no token (GH_TOKEN)"],
    });
    expect(asked).toEqual([]);
    const url = "https://github.com/acme/shop/actions/runs/42";
    expect(await runOf({ GH_TOKEN: "t" })).toEqual({
      run: { id: "42", attempt: 2, url, queueSeconds: 20, jobSeconds: 120, conclusion: "success" },
      notes: [],
    });
    expect(await runOf({ GH_TOKEN: "t" }, 404)).toEqual({ run: unknown, notes: [] });
    expect(await runOf({ GH_TOKEN: "t" }, 403)).toMatchObject({
      run: unknown,
      notes: [expect.stringMatching(/^the times of runs are not known: reading run 42 of acme\/shop: GitHub said 403/)],
    });
  });

  test("names the run of GitHub Actions that made a release", async () => {
    const shop = await makeShop();
    shop.env = {
      GITHUB_ACTIONS: "true",
      GITHUB_EVENT_NAME: "push",
      GITHUB_RUN_ID: "7",
      GITHUB_RUN_ATTEMPT: "3",
      GITHUB_REF: "refs/heads/main",
    };
    await shop.release({ version: "1.0.0", githubRelease: false });
    shop.env = {};
    expect((await history({ host: shop.host() })).releases[0]?.run).toMatchObject({
      id: "7",
      attempt: 3,
      jobSeconds: null,
    });
  });

  test("has no releases where there are none", async () => {
    const shop = await makeShop();
    expect(await history({ host: shop.host() })).toMatchObject({
      releases: [],
      totals: { releases: 0, builderSeconds: { seconds: null, known: 0, unknown: 0 } },
    });
  });
});

/** Puts another record and mark in place of a release's. */
async function putRecord(shop: Shop, tag: string, record: object): Promise<void> {
  const type = "application/vnd.slipway.release.v1+json";
  const content = new TextEncoder().encode(JSON.stringify(record));
  const raw = makeArtifactManifest({ artifactType: type, mediaType: type, content, embed: true, annotations: {} });
  expect(digestOf(raw.bytes)).toBe(raw.digest);
  const name = shop.image("releases");
  await shop.registry().putBlob(name, content);
  await shop.registry().putManifest(name, tag, raw);
  await shop.registry().putManifest(name, `promoted.${tag}`, raw);
}
