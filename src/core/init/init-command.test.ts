import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCommand } from "../../cli/run.ts";
import type { GlobalFlags } from "../../cli/session.ts";
import { type InitOptions, init as spec } from "../../commands/init/spec.ts";
import type { Host } from "../../host.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../source/testing/repository.ts";
import { makeTestHost, type TestHost } from "../../testing/test-host.ts";

const action = "acme/slipway@0123456789abcdef0123456789abcdef01234567";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const dockerfile = "FROM scratch\nCOPY . /app\n";
const four = Object.fromEntries(
  ["api", "gateway", "web", "worker"].map((name) => [`services/${name}/Dockerfile`, dockerfile]),
);

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../workflow/adopt/fixtures", `${name}.yml`), "utf8");
}

async function makeRepository(
  files: Readonly<Record<string, TestFile>>,
  remote = "https://github.com/acme/shop",
): Promise<TestRepository> {
  const repository = await makeTestRepository(files);
  closing.push(repository.dispose);
  await repository.git("remote", "add", "origin", remote);
  return repository;
}

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function init(
  repository: TestRepository,
  options: GlobalFlags & Partial<InitOptions> = {},
  host: Partial<Host> & { isTTY?: boolean } = {},
): Promise<Ran> {
  const testHost: TestHost = makeTestHost({
    cwd: repository.root,
    env: repository.host.env,
    run: (program, args, more) => repository.host.run(program, args, more),
    ...host,
  });
  const exitCode = await runCommand(testHost, spec, { ...spec.defaults, action, color: false, ...options });
  return { exitCode, ...testHost.printed };
}

const workflow = ".github/workflows/slipway.yml";

async function text(repository: TestRepository, path: string): Promise<string | undefined> {
  return readFile(join(repository.root, path), "utf8").catch(() => undefined);
}

describe("slipway init", () => {
  test("does not blame a slipway.yaml that only it would write", async () => {
    const build = { context: ".", push: true, tags: "ghcr.io/acme/api:latest" };
    const steps = [{ uses: "docker/build-push-action@v6", with: build }];
    const jobs = { build: { "runs-on": "ubuntu-latest", steps } };
    const file = JSON.stringify({ on: { push: { branches: ["main"] } }, jobs });
    const { exitCode, stderr } = await init(await makeRepository({ ...four, ".github/workflows/ci.yml": file }), {
      convert: true,
      dryRun: true,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: checking the slipway\.yaml that init would write: slipway\.yaml:\d+:\d+: /);
  });

  test("writes the workflow and, where conventions suffice, nothing else", async () => {
    const repository = await makeRepository(four);
    const { exitCode, stdout } = await init(repository, { yes: true });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("ghcr.io/acme/shop/api");
    expect(await repository.git("status", "--porcelain", "--untracked-files=all")).toBe(`?? ${workflow}`);
    expect(Object.keys((parse((await text(repository, workflow)) ?? "") as { jobs: object }).jobs)).toEqual([
      "plan",
      "build",
      "release",
      "slipway",
    ]);
  });

  test("run again changes nothing, also when nobody says the options again", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true, jobs: "single", runner: ["linux/amd64=self-hosted,big"] });
    const first = await text(repository, workflow);
    const again = await init(repository, { yes: true });
    expect(again.stdout).toContain("Everything is there already.");
    expect(await text(repository, workflow)).toBe(first);
  });

  test("logs in to a registry that is not GitHub's, says which secrets that takes, and keeps the names a person gave them", async () => {
    const repository = await makeRepository({ ...four, "slipway.yaml": "images: quay.io/acme/{service}\n" });
    const { stdout } = await init(repository, { yes: true });
    expect(stdout).toContain("logs in to quay.io with the secrets REGISTRY_USER and REGISTRY_PASSWORD");
    const line = "quay.io ${{ secrets.REGISTRY_USER }} ${{ secrets.REGISTRY_PASSWORD }}";
    const first = (await text(repository, workflow)) ?? "";
    expect(first.split(line).length - 1).toBe(3);
    await writeFile(join(repository.root, workflow), first.replaceAll("secrets.REGISTRY_", "secrets.QUAY_"));
    const again = await init(repository, { yes: true });
    expect(again.stdout).not.toContain("logs in to");
    expect(await text(repository, workflow)).toContain("quay.io ${{ secrets.QUAY_USER }} ${{ secrets.QUAY_PASSWORD }}");

    await repository.commit({ "slipway.yaml": 'images: ["quay.io/acme/{service}", "docker.io/acme/{service}"]\n' });
    expect((await init(repository, { yes: true })).stdout).toContain(
      "logs in to docker.io with the secrets REGISTRY_USER_DOCKER_IO and REGISTRY_PASSWORD_DOCKER_IO",
    );
    expect(await text(repository, workflow)).toContain("quay.io ${{ secrets.QUAY_USER }} ${{ secrets.QUAY_PASSWORD }}");
  });

  test("logs in where previews and records go, too, and lets jobs write there", async () => {
    const config =
      "images: quay.io/acme/{service}\nreleases: ghcr.io/acme/releases\npreviews: reg.example.com/{service}-preview\n";
    const repository = await makeRepository({ ...four, "slipway.yaml": config });
    const { stdout } = await init(repository, { yes: true });
    expect(stdout).toContain("logs in to reg.example.com with the secrets");
    expect(await text(repository, workflow)).toContain("packages: write # to push images, records and tags");
  });

  test("without a terminal and without --yes refuses, and says what to do", async () => {
    const repository = await makeRepository(four);
    const { exitCode, stderr } = await init(repository);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--yes");
    expect(await text(repository, workflow)).toBeUndefined();
  });

  test("on a terminal writes only when the answer is yes", async () => {
    const repository = await makeRepository(four);
    const answer = (line: string) => ({
      isTTY: true,
      input: { isTTY: true, readLine: async () => line, readAll: async () => new Uint8Array() },
    });
    expect((await init(repository, {}, answer(""))).stdout).toContain("Nothing was written.");
    expect(await text(repository, workflow)).toBeUndefined();
    const { stderr } = await init(repository, {}, answer("y"));
    expect(stderr).toContain("Write these files? [y/N]");
    expect(await text(repository, workflow)).toBeDefined();
  });

  test("--dry-run prints a diff that git applies to the same files", async () => {
    const repository = await makeRepository({
      ...four,
      ".github/workflows/docker.yml": fixture("one-image"),
      Dockerfile: dockerfile,
    });
    const { stdout } = await init(repository, { dryRun: true, json: true });
    const { files } = JSON.parse(stdout) as { files: { diff: string }[] };
    expect(await repository.git("status", "--porcelain")).toBe("");
    await repository.host.run("git", ["apply", "-"], { stdin: files.map(({ diff }) => diff).join("") });
    const applied = await text(repository, workflow);
    await repository.git("checkout", "--quiet", ".");
    await repository.git("clean", "--quiet", "-fd");
    await init(repository, { yes: true });
    expect(applied).toBe(await text(repository, workflow));
  });

  test("shows what a person changed before it writes over it", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true });
    const own = (await text(repository, workflow)) ?? "";
    await writeFile(join(repository.root, workflow), own.replace("timeout-minutes: 60", "timeout-minutes: 90"));
    const { stdout } = await init(repository, { yes: true });
    expect(stdout).toContain("changed by hand since; see the diff");
    expect(stdout).toContain("-    timeout-minutes: 90");
    expect(await text(repository, workflow)).toBe(own);
  });
});

describe("slipway init --convert beside a hand-made workflow", () => {
  const shop = {
    "services/api/Dockerfile": "FROM scratch\nARG GIT_SHA\nCOPY services/api /app\n",
    "services/api/a.js": "a\n",
    "services/web/Dockerfile": "FROM scratch AS runtime\nCOPY services/web /app\n",
    "services/web/a.js": "a\n",
    ".github/workflows/images.yml": fixture("services-matrix"),
  };

  test("takes its place: same images and tags, its other jobs kept, the old file gone", async () => {
    const repository = await makeRepository(shop);
    const { stdout, exitCode, stderr } = await init(repository, { convert: true, yes: true });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(".github/workflows/images.yml builds docker.io/acme/api, docker.io/acme/web: replaced");
    const status = (await repository.git("status", "--porcelain", "--untracked-files=all")).split("\n");
    expect(status.map((line) => line.trim()).sort()).toEqual([
      "?? .github/workflows/slipway.yml",
      "?? slipway.yaml",
      "D .github/workflows/images.yml",
    ]);
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      images: "docker.io/acme/{service}",
      tags: { version: ["{version}"], branch: ["edge"] },
      services: { web: { target: "runtime", args: { GIT_SHA: { env: "GITHUB_SHA", stamp: true } } } },
    });
  });

  test("and run again, keeps what it took over", async () => {
    for (const name of ["services-matrix", "one-image", "shell", "steps-before", "platform-merge"]) {
      const repository = await makeRepository({
        ...shop,
        Dockerfile: dockerfile,
        "api/Dockerfile": dockerfile,
        "worker/Dockerfile": dockerfile,
        "web/Dockerfile": "FROM scratch\nCOPY dist /dist\n",
        ".github/workflows/images.yml": fixture(name),
      });
      expect((await init(repository, { convert: true, yes: true })).stderr).toBe("");
      const first = await text(repository, workflow);
      await repository.commit();
      const again = await init(repository, { convert: true, yes: true });
      expect(await text(repository, workflow), name).toBe(first);
      expect(again.stdout, name).toContain("Everything is there already.");
    }
  });

  const matrixOf = (names: string, build: string): string => `
on: { push: { branches: [main] } }
jobs:
  images:
    runs-on: ubuntu-latest
    strategy: { matrix: { service: [${names}] } }
    steps:
      - uses: docker/build-push-action@v6
        with: { push: true, tags: "ghcr.io/acme/shop/\${{ matrix.service }}:latest", ${build} }
`;

  test("a context that is not the one conventions give makes slipway.yaml the list of all services", async () => {
    const repository = await makeRepository({
      "base/Dockerfile": "FROM scratch\n",
      "api/Dockerfile": dockerfile,
      ".github/workflows/images.yml": matrixOf("api, base", 'context: ., file: "${{ matrix.service }}/Dockerfile"'),
    });
    const { exitCode, stderr } = await init(repository, { convert: true, yes: true });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      services: {
        api: { context: ".", dockerfile: "api/Dockerfile" },
        base: { context: ".", dockerfile: "base/Dockerfile" },
      },
    });
  });

  test("a list of services says what only Compose said of them", async () => {
    const repository = await makeRepository({
      "api/Dockerfile": "FROM scratch AS runtime\nFROM scratch AS test\n",
      "web/Dockerfile": "FROM scratch\n",
      "compose.yaml": "services: { api: { build: { context: api, target: runtime } }, web: { build: web } }\n",
      ".github/workflows/images.yml": matrixOf("api", 'context: "${{ matrix.service }}", target: runtime'),
    });
    expect((await init(repository, { convert: true, yes: true })).stderr).toBe("");
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      services: { api: { context: "api", target: "runtime" } },
    });
  });

  test("a workflow that changed after --shadow is taken over as a whole", async () => {
    const repository = await makeRepository(shop);
    await init(repository, { yes: true, shadow: true });
    await repository.commit({
      ".github/workflows/images.yml": fixture("services-matrix").replace("NODE_ENV=production", "NODE_ENV=staging"),
    });
    expect((await init(repository, { convert: true, yes: true })).stderr).toBe("");
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      images: "docker.io/acme/{service}",
      services: { api: { args: { NODE_ENV: "staging" } }, web: { target: "runtime" } },
    });
  });

  test("declares what a step before the build makes", async () => {
    const repository = await makeRepository({
      "web/Dockerfile": "FROM scratch\nCOPY dist /dist\nCOPY nginx.conf /etc/\n",
      "web/nginx.conf": "",
      ".github/workflows/images.yml": fixture("steps-before"),
    });
    await init(repository, { convert: true, yes: true });
    expect(parse((await text(repository, "slipway.yaml")) ?? "")).toMatchObject({
      services: { web: { generated: ["web/dist/**"] } },
    });
    expect((await init(repository, { convert: true, yes: true, jobs: "matrix" })).stderr).toContain("--jobs single");
  });

  test("stops at what it cannot carry, with every line; --force leaves it out", async () => {
    const repository = await makeRepository({ Dockerfile: dockerfile, ".github/workflows/odd.yml": fixture("cannot") });
    const { exitCode, stderr } = await init(repository, { convert: true, yes: true });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('.github/workflows/odd.yml:13: cannot be carried over: the input "allow" of the build');
    expect(stderr).toContain("--force");
    expect(await repository.git("status", "--porcelain")).toBe("");
  });

  test("--shadow leaves it alone and moves no tag", async () => {
    const repository = await makeRepository(shop);
    await init(repository, { yes: true, shadow: true });
    expect(await text(repository, ".github/workflows/images.yml")).toBeDefined();
    const shadow = parse((await text(repository, ".github/workflows/slipway-shadow.yml")) ?? "") as { jobs: object };
    expect(JSON.stringify(shadow.jobs)).toContain('"shadow":"true"');
    expect(JSON.stringify(shadow.jobs)).not.toContain('"contents":"write"');
  });

  test("one revert is the way back", async () => {
    const repository = await makeRepository(shop);
    const before = await repository.git("rev-parse", "HEAD^{tree}");
    await init(repository, { convert: true, yes: true });
    await repository.commit();
    await repository.git("revert", "--no-edit", "HEAD");
    expect(await repository.git("rev-parse", "HEAD^{tree}")).toBe(before);
  });

  test("a configuration of a person's own is not written over, and must send images where they went", async () => {
    const repository = await makeRepository({ ...shop, "slipway.yaml": "images: ghcr.io/acme/other/{service}\n" });
    const { exitCode, stderr } = await init(repository, { convert: true, yes: true });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("docker.io/acme/api");
    expect(await text(repository, "slipway.yaml")).toBe("images: ghcr.io/acme/other/{service}\n");
  });
});

describe("slipway init --convert beside 300 lines by hand", () => {
  const names = ["api", "gateway", "mailer", "reports", "web", "worker"];
  const files = Object.fromEntries(
    names.flatMap((name) => {
      const folder = name === "api" || name === "worker" ? `services/${name}/` : "";
      const args = `ARG GIT_SHA\nARG NODE_ENV\n${name === "web" ? "ARG SITE_NAME\nARG API_BASE\n" : ""}`;
      return [
        [`services/${name}/Dockerfile`, `FROM scratch\n${args}COPY ${folder}main.txt /main.txt\n`],
        [`services/${name}/main.txt`, name],
      ];
    }),
  ) as Record<string, string>;

  const makeShop = () => makeRepository({ ...files, ".github/workflows/docker.yml": fixture("a-job-a-service") });

  test("keeps images, tags, args, platforms, secrets and the other jobs, and says what it does in its own way", async () => {
    const repository = await makeShop();
    const { exitCode, stdout, stderr } = await init(repository, { convert: true, yes: true });
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("docker.yml builds ghcr.io/acme/shop-api");
    const config: unknown = parse((await text(repository, "slipway.yaml")) ?? "");
    expect(config).toMatchObject({
      images: "ghcr.io/acme/shop-{service}",
      tags: { version: ["{version}", "{major}.{minor}", "sha-{sha}", "latest"], branch: ["{branch}", "sha-{sha}"] },
      services: {
        web: { args: { SITE_NAME: "The Shop", API_BASE: "/api", GIT_SHA: { env: "GITHUB_SHA", stamp: true } } },
        reports: { secrets: [{ id: "npm_token", env: "NPM_TOKEN" }] },
        api: { platforms: ["linux/amd64", "linux/arm64"] },
      },
    });
    const { jobs, on } = parse((await text(repository, workflow)) ?? "") as {
      jobs: Record<string, { needs?: string[] }>;
      on: Record<string, unknown>;
    };
    expect(Object.keys(jobs)).toEqual(["lint", "test", "deploy", "notify", "plan", "build", "release", "slipway"]);
    expect(jobs["plan"]?.needs).toEqual(["lint", "test"]);
    expect(jobs["deploy"]?.needs).toEqual(["release"]);
    expect(on["push"]).toEqual({ branches: ["main"], tags: ["v*.*.*"], "paths-ignore": ["docs/**", "**.md"] });
  });

  test("is the same again, and one revert is the way back", async () => {
    const repository = await makeShop();
    const before = await repository.git("rev-parse", "HEAD^{tree}");
    await init(repository, { convert: true, yes: true });
    await repository.commit();
    expect((await init(repository, { convert: true, yes: true })).stdout).toContain("Everything is there already.");
    await repository.git("revert", "--no-edit", "HEAD");
    expect(await repository.git("rev-parse", "HEAD^{tree}")).toBe(before);
  });
});

describe("slipway init --guides", () => {
  const guides = [
    "docs/DOCKER_BUILD_OPTIMIZATION.md",
    "docs/DOCKER_QUICK_REFERENCE.md",
    "docs/DOCKER_WORKFLOW_COMPARISON.md",
  ];

  test("writes three pages and the README's section beside the workflow; again, nothing", async () => {
    const repository = await makeRepository({ ...four, "readme.md": "# The shop\n\nHello.\n" });
    const { exitCode, stdout } = await init(repository, { yes: true, guides: true });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("docs/DOCKER_QUICK_REFERENCE.md");
    const status = (await repository.git("status", "--porcelain", "--untracked-files=all")).split("\n");
    expect(status.map((line) => line.trim().replace(/^\S+ /, "")).sort()).toEqual([workflow, ...guides, "readme.md"]);
    expect(await text(repository, "readme.md")).toMatch(
      /^# The shop\n\nHello\.\n\n<!-- slipway:begin docker-images -->/,
    );
    expect((await init(repository, { yes: true, guides: true })).stdout).toContain("Everything is there already.");
  });

  test("measures past commits before the first release, and says where there is nothing to measure", async () => {
    const services = ["api", "gateway", "web", "worker"].flatMap((name) => [
      [`services/${name}/Dockerfile`, "FROM scratch\nCOPY a.js /\n"],
      [`services/${name}/a.js`, "0"],
    ]);
    const repository = await makeRepository(Object.fromEntries(services) as Record<string, string>);
    await init(repository, { yes: true, guides: true });
    expect(await text(repository, guides[2] ?? "")).toContain("Nothing can be measured yet: there is one commit");
    await repository.commit({ "services/api/a.js": "1" }, "Change api");
    await init(repository, { yes: true, guides: true });
    const page = await text(repository, guides[2] ?? "");
    expect(page).toContain("From the last 2 commits, by `slipway replay`");
    expect(page).toContain("| api | 2 | 2 | 0 | 0 |\n| gateway | 2 | 1 | 1 | 0 |");
    expect(page).toContain("38 % of the builds would have been needless");
  });

  test("a service that copies nothing reads its Dockerfile; one with a broken Dockerfile cannot be read now", async () => {
    const repository = await makeRepository({
      "base/Dockerfile": "FROM scratch\nENV A=1\n",
      "broken/Dockerfile": "FROM scratch\nCOPY gone /\n",
    });
    await init(repository, { yes: true, guides: true });
    const page = await text(repository, guides[0] ?? "");
    expect(page).toContain("| base | `base/Dockerfile` | 1 file |");
    expect(page).toContain("| broken | `broken/Dockerfile` | cannot be read now |");
  });

  test("keeps what a person wrote around the sections, and shows what they changed within before it is written over", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true, guides: true });
    const path = guides[1] ?? "";
    const page = (await text(repository, path)) ?? "";
    const edited = `Ask Ada first.\n\n${page.replace("npx slipway build\n", "make images\n")}\nOur rules.\n`;
    await writeFile(join(repository.root, path), edited);
    const { stdout } = await init(repository, { dryRun: true, guides: true });
    expect(stdout).toContain("changed by hand since; see the diff");
    expect(stdout).toContain("-make images");
    await init(repository, { yes: true, guides: true });
    expect(await text(repository, path)).toBe(`Ask Ada first.\n\n${page}\nOur rules.\n`);
  });

  test("leaves a workflow that a person changed alone, and says so", async () => {
    const repository = await makeRepository(four);
    await init(repository, { yes: true });
    const own = ((await text(repository, workflow)) ?? "").replace("timeout-minutes: 60", "timeout-minutes: 90");
    await writeFile(join(repository.root, workflow), own);
    const { stdout } = await init(repository, { yes: true, guides: true });
    expect(stdout).toContain(`${workflow} was changed by hand and stays as it is`);
    expect(await text(repository, workflow)).toBe(own);
    expect(await text(repository, guides[0] ?? "")).toBeDefined();
  });

  test("one revert takes the guides away, too", async () => {
    const repository = await makeRepository({ ...four, "README.md": "# The shop\n" });
    const before = await repository.git("rev-parse", "HEAD^{tree}");
    await init(repository, { yes: true, guides: true, semanticRelease: true });
    await repository.commit();
    await repository.git("revert", "--no-edit", "HEAD");
    expect(await repository.git("rev-parse", "HEAD^{tree}")).toBe(before);
  });
});

describe("slipway init --semantic-release", () => {
  test("writes semantic-release's configuration and the job that runs it; again, nothing, also without the option", async () => {
    const repository = await makeRepository({ ...four, "services/api/package.json": '{"release": {"a": 1}}' });
    const first = await init(repository, { yes: true, semanticRelease: true });
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    expect(JSON.parse((await text(repository, ".releaserc.json")) ?? "")).toMatchObject({ branches: ["main"] });
    expect(await text(repository, workflow)).toMatch(
      /npx --yes --package semantic-release@\S+ --package slipway@\S+ semantic-release/,
    );
    const written = await text(repository, workflow);
    const again = await init(repository, { yes: true });
    expect(again.stdout).toContain("Everything is there already.");
    expect(again.stdout).toContain(".releaserc.json makes versions");
    expect(await text(repository, workflow)).toBe(written);
  });

  test("adds to the configuration that is there, in its format, with a diff of it", async () => {
    const before =
      '# ours\nplugins:\n  - "@semantic-release/commit-analyzer"\n  - "@semantic-release/changelog"\n  - "@semantic-release/github"\n';
    const repository = await makeRepository({ ...four, ".releaserc.yaml": before });
    const { stdout } = await init(repository, { dryRun: true, semanticRelease: true });
    expect(stdout).toContain("not made by Slipway; see the diff");
    expect(stdout).toContain("+  - slipway/semantic-release");
    expect(stdout).toContain("pin the versions of @semantic-release/changelog");
    await init(repository, { yes: true, semanticRelease: true });
    expect(await text(repository, ".releaserc.yaml")).toContain("# ours");
    expect(await text(repository, workflow)).toContain("--package @semantic-release/changelog semantic-release");
    expect((await init(repository, { yes: true })).stdout).toContain("Everything is there already.");
  });

  test("runs what the repository's lock file has", async () => {
    const manifest = { devDependencies: { "semantic-release": "^24.0.0" }, release: { plugins: [] } };
    const repository = await makeRepository({
      ...four,
      "package.json": JSON.stringify(manifest, null, 2),
      "package-lock.json": "{}",
    });
    const { stdout } = await init(repository, { yes: true, semanticRelease: true });
    expect(stdout).toContain("npm install --save-dev slipway");
    expect(await text(repository, workflow)).toContain("npx --no-install semantic-release");
    expect(JSON.parse((await text(repository, "package.json")) ?? "")).toMatchObject({
      release: { plugins: ["slipway/semantic-release", expect.anything()] },
    });
  });

  test("does not fit with one job for all, nor with steps before the build", async () => {
    const repository = await makeRepository(four);
    const { exitCode, stderr } = await init(repository, { yes: true, semanticRelease: true, jobs: "single" });
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("leave --jobs single out")]);
    const steps = await makeRepository({
      "web/Dockerfile": "FROM scratch\nCOPY dist /dist\n",
      ".github/workflows/images.yml": fixture("steps-before"),
    });
    const refused = await init(steps, { convert: true, yes: true, semanticRelease: true });
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("leave --semantic-release out")]);
  });

  test("shows what makes versions also when it is not asked for", async () => {
    const repository = await makeRepository({ ...four, "release.config.mjs": "export default {};\n" });
    const { stdout } = await init(repository, { dryRun: true, json: true });
    expect((JSON.parse(stdout) as { releaserc: string }).releaserc).toBe("release.config.mjs");
  });
});
