import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type InitRepository, makeInitRepository } from "./testing/init-repository.ts";

const workflow = ".github/workflows/slipway.yml";
const cases = join(import.meta.dirname, "../../../test/adoption/cases");
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const folders = Object.fromEntries(
  ["api", "a", "b", "base", "app", "web"].map((name) => [`${name}/Dockerfile`, "FROM scratch\nCOPY . /app\n"]),
);

function workflowOf(name: string, file = "build.yml"): Record<string, string> {
  return { [`.github/workflows/${file}`]: readFileSync(join(cases, `${name}.${file}`), "utf8") };
}

async function make(files: Readonly<Record<string, string>>): Promise<InitRepository> {
  const repository = await makeInitRepository({ ...folders, ...files });
  closing.push(repository.dispose);
  return repository;
}

async function parsed(repository: InitRepository, path: string): Promise<Record<string, Record<string, unknown>>> {
  return parse((await repository.text(path)) ?? "") as Record<string, Record<string, unknown>>;
}

describe("a conversion that would publish something else", () => {
  const mixed = workflowOf("IF-MIXED");

  test("is refused with --yes, with the rows that differ, and writes nothing", async () => {
    const repository = await make(mixed);
    const { exitCode, stderr } = await repository.init({ convert: true, yes: true });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("  pre-release tag\n");
    expect(stderr).toContain("  - ghcr.io/acme/api:stable");
    expect(await repository.git("status", "--porcelain")).toBe("");
  });

  test("is shown and asked on a terminal", async () => {
    const repository = await make(mixed);
    const declined = await repository.init({ convert: true }, "n");
    expect(declined.stderr).toContain("published on each event (- no more, + new)");
    expect(declined.stderr).toContain("  - ghcr.io/acme/api  stable\n");
    expect(await repository.git("status", "--porcelain")).toBe("");
    expect((await repository.init({ convert: true }, "y")).exitCode).toBe(0);
    expect(await repository.text(workflow)).toBeDefined();
  });

  test("follows its hint: --force converts all the same, and init without --convert changes the building lines", async () => {
    const forced = await make(mixed);
    expect((await forced.init({ convert: true, yes: true, force: true })).exitCode).toBe(0);
    const inPlace = await make(mixed);
    expect((await inPlace.init({ yes: true })).exitCode).toBe(0);
    expect(await inPlace.text(".github/workflows/build.yml")).toContain("slipway/build-push@");
  });
});

describe("a conversion", () => {
  test("shows what is published on each event, as before", async () => {
    const repository = await make(workflowOf("F-schedule"));
    const { stdout } = await repository.init({ convert: true, yes: true });
    expect(stdout).toContain("published on each event, as before");
    expect(stdout).toContain("  push to trunk, schedule\n    ghcr.io/acme/api  latest\n");
    const { on, jobs } = await parsed(repository, workflow);
    expect(on?.["schedule"]).toEqual([{ cron: "0 3 * * *" }]);
    expect(JSON.stringify(jobs?.["release"])).toContain("github.event_name == 'schedule' && 'true' || ''");
  });

  test("with guides describes the events that were read", async () => {
    const repository = await make(workflowOf("F-schedule"));
    expect((await repository.init({ convert: true, yes: true, guides: true })).stderr).toBe("");
    expect(await repository.text("docs/DOCKER_QUICK_REFERENCE.md")).toContain(
      "`.github/workflows/slipway.yml` releases on these events: push to `main`, schedule.",
    );
  });

  test("keeps variables and defaults of steps before the build, and builds what they make", async () => {
    const repository = await make(workflowOf("J-job-env"));
    expect((await repository.init({ convert: true, yes: true })).stderr).toBe("");
    const { jobs } = await parsed(repository, workflow);
    expect(jobs?.["release"]).toMatchObject({
      env: { STAGE: "production", TOKEN: "${{ secrets.NPM }}" },
      defaults: { run: { "working-directory": "api" } },
    });
    expect(JSON.stringify(jobs?.["release"])).toContain('"allow-dirty":"true"');
    const { services } = await parsed(repository, "slipway.yaml");
    expect(services?.["api"]).toMatchObject({ generated: ["api/**"] });
  });

  test("keeps a step that writes a file, though it only echoes", async () => {
    const repository = await make(workflowOf("DD-echo-into-file"));
    expect((await repository.init({ convert: true, yes: true })).stderr).toBe("");
    expect(await repository.text(workflow)).toContain('echo "$GITHUB_SHA" > api/VERSION');
    expect(await repository.text(workflow)).toContain("echo built && make -C api dist");
  });

  test("makes a job after the release of what came after a merge, with its permissions and environment", async () => {
    const repository = await make(workflowOf("MERGE-COSIGN"));
    expect((await repository.init({ convert: true, yes: true })).stderr).toBe("");
    const { jobs } = await parsed(repository, workflow);
    expect(jobs?.["after-merge"]).toMatchObject({
      needs: ["release"],
      if: "${{ needs.release.outputs.digests != '' && (github.repository == 'acme/shop') }}",
      environment: "production",
      permissions: { contents: "read", packages: "write", "id-token": "write" },
    });
    expect(JSON.stringify(jobs?.["after-merge"])).toContain("./deploy.sh production ${{ steps.meta.outputs.version }}");
    expect(jobs?.["slipway"]).toMatchObject({ needs: expect.arrayContaining(["after-merge"]) as unknown });
  });

  test("gives a step after the build the digest of its row's service", async () => {
    const repository = await make({
      ".github/workflows/build.yml": `
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-latest
    permissions: { contents: read, packages: write, id-token: write }
    strategy: { matrix: { service: [api, web] } }
    steps:
      - uses: actions/checkout@v4
      - uses: sigstore/cosign-installer@v3
      - uses: docker/login-action@v3
        with: { registry: ghcr.io, username: "\${{ github.actor }}", password: "\${{ secrets.GITHUB_TOKEN }}" }
      - id: build
        uses: docker/build-push-action@v6
        with: { context: "\${{ matrix.service }}", push: true, tags: "ghcr.io/acme/\${{ matrix.service }}:latest" }
      - run: cosign sign --yes "ghcr.io/acme/\${{ matrix.service }}@\${{ steps.build.outputs.digest }}"
`,
    });
    expect((await repository.init({ convert: true, yes: true })).stderr).toBe("");
    const { jobs } = await parsed(repository, workflow);
    const after = jobs?.["after-image"] as { strategy: object; steps: { uses?: string; run?: string }[] };
    expect(after.strategy).toEqual({ matrix: { service: ["api", "web"] } });
    expect(after.steps.map(({ uses, run }) => uses ?? run)).toEqual([
      "actions/checkout@v4",
      "docker/login-action@v3",
      "sigstore/cosign-installer@v3",
      'cosign sign --yes "ghcr.io/acme/${{ matrix.service }}@${{ fromJSON(needs.release.outputs.digests)[matrix.service] }}"',
    ]);
    expect(Object.keys(jobs ?? {})).toEqual(["after-image", "release", "slipway"]);
  });

  test("changes the workflows that call a replaced one", async () => {
    const build = `
on: { push: { branches: [main] }, workflow_call: {} }
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with: { context: api, push: true, tags: "ghcr.io/acme/api:latest" }
`;
    const caller =
      "on: { pull_request: { types: [closed] } }\njobs:\n  images:\n    uses: ./.github/workflows/build.yml\n";
    const repository = await make({ ".github/workflows/build.yml": build, ".github/workflows/caller.yml": caller });
    const { stderr } = await repository.init({ convert: true, yes: true, workflow: "build.yml" });
    expect(stderr).toBe("");
    expect(await repository.text(".github/workflows/caller.yml")).toBe(caller.replace("build.yml", "slipway.yml"));
  });

  test("of a second workflow adds to the first", async () => {
    const repository = await make({
      ...workflowOf("ONE-AFTER-OTHER"),
      ...workflowOf("ONE-AFTER-OTHER", "web.yml"),
    });
    expect((await repository.init({ convert: true, yes: true, workflow: "build.yml" })).stderr).toBe("");
    await repository.commit();
    const second = await repository.init({ convert: true, yes: true, workflow: "web.yml" });
    expect([second.exitCode, second.stderr]).toEqual([0, ""]);
    const { services } = await parsed(repository, "slipway.yaml");
    expect(services).toMatchObject({
      api: { context: "api", images: "ghcr.io/acme/{service}", tags: { version: [], branch: ["latest"] } },
      web: { context: "web", tags: { version: ["v{version}"], branch: [] } },
    });
    const { on } = await parsed(repository, workflow);
    expect(on).toEqual({ push: { branches: ["main"], tags: ["v*"] } });
    expect(await repository.text(workflow)).toContain(
      "# Takes the place of .github/workflows/build.yml, .github/workflows/web.yml.",
    );
    await repository.commit();
    expect((await repository.init({ convert: true, yes: true })).stdout).toContain("Everything is there already.");
  });

  test.each(["CYCLE", "ENVS", "DYN-MATRIX", "MERGE-SHELL", "LOCAL-ACTION"])(
    "that is refused (%s) writes nothing, and its hint works: without --convert init changes the building lines",
    async (name) => {
      const action =
        name === "LOCAL-ACTION"
          ? { ".github/actions/build-image/action.yml": readFileSync(join(cases, "LOCAL-ACTION.action.yml"), "utf8") }
          : {};
      const repository = await make({ ...workflowOf(name), ...action, "testing-host/Dockerfile": "FROM scratch\n" });
      const refused = await repository.init({ convert: true, yes: true });
      expect(refused.exitCode).not.toBe(0);
      expect(refused.stderr).toContain("hint: without --convert, init changes");
      expect(await repository.git("status", "--porcelain")).toBe("");
      expect((await repository.init({ yes: true })).exitCode).toBe(0);
      expect(await repository.git("diff")).toContain("slipway/build-push@");
    },
  );
});
