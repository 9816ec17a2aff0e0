import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../config/written/read-config.ts";
import { readRights } from "../../config/sources/rights.ts";
import { makeRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { parseDigest } from "../../model/digest.ts";
import type { Plan } from "../../model/plan.ts";
import { makeRegistry } from "../../registry/registry.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { pruneStoredCaches } from "../caches/cache-prune.ts";
import { decideTrust } from "./decide-trust.ts";
import { makePinBook } from "../planning/pins.ts";
import { makeObserver } from "../planning/observer.ts";
import { planServices } from "../planning/plan.ts";
import { pullRequestOf } from "../testing/pull-request.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";
import { openRepository } from "../../source/git/repository.ts";
import { hostsIn, openTrunk } from "./trunk.ts";
import { openWorkspace, type WorkspaceOptions } from "./workspace.ts";

const own = "a".repeat(40);
const other = "b".repeat(40);

describe("trust", () => {
  const base = { pull_request: { base: { sha: other } } };
  const facts = { ci: makeRun({}, undefined).ci, commit: own, dirty: false, beside: [], asked: undefined };
  const run = (name: string, more: Host["env"] = {}, payload?: unknown) => {
    const env = { GITHUB_EVENT_NAME: name, GITHUB_SHA: own, GITHUB_REF: "refs/heads/main", ...more };
    return { ...facts, ci: makeRun(env, payload).ci };
  };

  test.each([
    ["a person's machine", facts],
    ["a push", run("push")],
    ["a push after which a step committed", { ...run("push"), commit: other, dirty: true }],
    ["a tag's push", run("push", { GITHUB_REF: "refs/tags/v1" })],
    ["a push that reads what a step made", { ...run("push"), beside: ["dist/**"] }],
    ["a run by hand", { ...run("workflow_dispatch"), commit: other }],
    ["a schedule", run("schedule")],
    ["a comment, on trunk's commit", run("issue_comment")],
    ["a run after another workflow, on trunk's commit", run("workflow_run")],
  ])("is given to %s", (_, given) => {
    expect(decideTrust(given)).toEqual({ kind: "trusted" });
  });

  test.each([
    ["a pull request", run("pull_request", {}, base), "a pull request", other],
    ["pull_request_target", run("pull_request_target", {}, base), "a pull request", other],
    ["a review", run("pull_request_review", {}, base), "a pull request", other],
    ["a merge queue", run("merge_group", {}, { merge_group: { base_sha: other } }), "a merge queue", other],
    [
      "a call for a pull request",
      run("workflow_call", { GITHUB_REF: "refs/pull/1/merge" }),
      "a pull request",
      undefined,
    ],
    [
      "a comment, on another commit",
      { ...run("issue_comment"), commit: other },
      "issue_comment on another commit than the run's (bbbbbbb)",
      own,
    ],
    [
      "a comment, with changed files",
      { ...run("issue_comment"), dirty: true },
      "issue_comment with changed files",
      own,
    ],
    [
      "a run after another workflow, on another commit",
      { ...run("workflow_run"), commit: other },
      "workflow_run on another commit than the run's (bbbbbbb)",
      own,
    ],
    [
      "a run after another workflow that reads what a step made",
      { ...run("workflow_run"), beside: ["api/dist/**", "b", "c", "d"] },
      "workflow_run with files that are not of its commit (api/dist/**, b, c, and 1 more)",
      own,
    ],
    [
      "an event that is not known yet, on another commit",
      { ...run("new_event"), commit: other },
      "new_event on another commit than the run's (bbbbbbb)",
      own,
    ],
    ["whoever asks for none", { ...facts, asked: { trunk: other } }, "an untrusted run (--untrusted)", other],
    [
      "a push that asks for none",
      { ...run("push"), asked: { trunk: undefined } },
      "an untrusted run (--untrusted)",
      undefined,
    ],
  ])("is not given to %s", (_, given, because, trunk) => {
    expect(decideTrust(given)).toEqual({ kind: "untrusted", because, trunk });
  });
});

test.each([
  [
    "Dockerfile",
    "# syntax=front.test/dockerfile:1\nARG R=reg.one.test:5000\nFROM $R/os AS a\nCOPY --from=two.test/x / /\nRUN --mount=from=three.test/y true\nRUN curl https://four.test/z\n",
    ["front.test", "reg.one.test:5000", "two.test", "three.test"],
  ],
  ["api/Dockerfile", "FROM node:24\n", ["docker.io"]],
  [
    "compose.yaml",
    "services: { a: { image: 'reg.test/a', build: . }, b: { image: localhost:5000/b } }",
    ["reg.test", "localhost:5000"],
  ],
  ["docker-bake.hcl", 'tags = ["127.0.0.1:5555/shop/${NAME}:1", "${REG}/x"]', ["127.0.0.1:5555"]],
  ["slipway.yaml", "images: reg.test/shop/{service}", ["reg.test"]],
  ["Dockerfile", "FROM [", []],
])("trunk knows the registries that %s names: %j", (path, text, hosts) => {
  expect(hostsIn(path, text)).toEqual(hosts);
});

async function planAt(world: Shop, options: WorkspaceOptions = {}): Promise<Plan> {
  const workspace = await openWorkspace(world.host(), options, (event) => void world.events.push(event));
  return (await planServices(makeObserver(workspace), { services: [] })).plan;
}

function kinds({ steps }: Plan): Record<string, string> {
  return Object.fromEntries(steps.map(({ service, kind }) => [service, kind]));
}

function warnings(world: Shop): string {
  return world.events.flatMap((event) => (event.kind === "warning" ? [event.message] : [])).join("\n");
}

describe("a pull request", () => {
  test("is planned by trunk's slipway.yaml, and says that its own is another", async () => {
    const world = await makeShop();
    const trunk = await world.repository.git("rev-parse", "HEAD");
    await world.repository.commit({ "slipway.yaml": settings.replaceAll("reg.test", "evil.test") });
    world.env = await pullRequestOf(world.repository, trunk);
    const workspace = await openWorkspace(world.host(), {}, (event) => void world.events.push(event));
    expect(workspace.project.services.map(({ images }) => images[0])).toEqual([
      "reg.test/shop/api",
      "reg.test/shop/base",
      "reg.test/shop/web",
    ]);
    expect(warnings(world)).toContain(
      `a pull request: slipway.yaml of trunk (${trunk.slice(0, 7)}) is used; the slipway.yaml that is checked out differs, and is used once it is in trunk`,
    );
  });

  test("asks no registry that trunk does not know: what needs it is not planned, and the rest is", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    await world.repository.commit({ "base/Dockerfile": "FROM evil.test/os:1\nCOPY lib.txt /\n" });
    const plan = await planAt(world);
    expect(kinds(plan)).toEqual({ api: "not-planned", base: "not-planned", web: "build" });
    const reason = (name: string) => plan.steps.find(({ service }) => service === name)?.reason;
    expect(reason("base")).toEqual({
      kind: "may-not-look-up",
      because: `"evil.test/os" is on evil.test, which trunk's definitions do not name; a maintainer can name it in trunk's slipway.yaml: allow: { hosts: [evil.test] }`,
    });
    expect(reason("api")).toEqual({ kind: "may-not-look-up", because: "it needs base, which is not planned" });
    world.forget();
    const { services } = await world.build();
    expect(services.map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      "base cancelled",
      "api cancelled",
      "web built",
    ]);
    expect(world.memory.log.map(({ url }) => new URL(url).host)).not.toContain("evil.test");
  });

  test("asks a registry that trunk's slipway.yaml names", async () => {
    const world = await makeShop({ "slipway.yaml": `${settings}allow: { hosts: [evil.test] }\n` });
    world.env = await pullRequestOf(world.repository);
    await world.repository.commit({ "web/Dockerfile": "FROM evil.test/os:1\n" });
    expect(kinds(await planAt(world))).toEqual({ api: "pending", base: "build", web: "build" });
  });

  test("asks no git host that trunk does not know, and does not run git", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    await world.repository.remove("slipway.yaml");
    const compose =
      "services: { web: { image: reg.test/shop/web, build: { context: web, additional_contexts: { g: https://evil.test/a.git } } } }";
    await world.repository.commit({
      "compose.yaml": compose,
      "web/Dockerfile": "FROM reg.test/os:1\nCOPY --from=g / /\n",
    });
    world.env = await pullRequestOf(world.repository);
    const plan = await planAt(world);
    expect(kinds(plan)).toEqual({ web: "not-planned" });
    expect(JSON.stringify(plan)).toContain("the git context");
  });

  test("sees only the variables that trunk's slipway.yaml names, in definitions and in secrets", async () => {
    const compose = `services:
  web:
    image: reg.test/shop/web
    build:
      context: web
      args: { A: "\${NAMED:-none}", B: "\${OTHER:-none}", C: "\${OF_ARG:-none}" }
      secrets: [named, other]
secrets: { named: { environment: NAMED }, other: { environment: OTHER } }
`;
    const config = "from: compose\nallow: { env: [NAMED] }\nargs: { D: { env: OF_ARG } }\n";
    const world = await makeShop({ "compose.yaml": compose, "slipway.yaml": config });
    const trunk = await world.repository.git("rev-parse", "HEAD");
    await world.repository.commit({ "slipway.yaml": config.replace("[NAMED]", "[NAMED, OTHER]") });
    world.env = { NAMED: "n", OTHER: "o", OF_ARG: "f", ...(await pullRequestOf(world.repository, trunk)) };
    const workspace = await openWorkspace(world.host(), {}, (event) => void world.events.push(event));
    const [web] = workspace.project.services;
    expect(Object.entries(web?.args ?? {}).map(([name, { value }]) => `${name}=${value}`)).toEqual([
      "A=n",
      "B=none",
      "C=f",
      "D=f",
    ]);
    expect(web?.secrets.map(({ id }) => id)).toEqual(["named"]);
    expect(warnings(world)).toContain(
      `web: the secret "other" is left out, since trunk's slipway.yaml does not name OTHER`,
    );
  });

  test("gets ssh, the builder's network and files of the machine by trunk's word only", async () => {
    const asking = settings.replace(
      "    context: web\n",
      "    context: web\n    ssh: default\n    network: host\n    secrets: [{ id: s, file: ../s }]\n",
    );
    const world = await makeShop({ "slipway.yaml": asking });
    world.env = await pullRequestOf(world.repository);
    const workspace = await openWorkspace(world.host(), {}, () => undefined);
    expect(workspace.project.services.find(({ name }) => name === "web")).toMatchObject({
      ssh: ["default"],
      settings: { network: "host" },
    });
    await world.repository.remove("slipway.yaml");
    const trunk = await world.repository.commit();
    await world.repository.commit({ "slipway.yaml": asking });
    world.env = await pullRequestOf(world.repository, trunk);
    const refused = await openWorkspace(world.host(), {}, () => undefined).catch((error: unknown) => String(error));
    expect(refused).toContain('"web" asks for the ssh agent or keys ("default")');
    expect(refused).toContain('"web" asks for the builder\'s network ("host")');
    expect(refused).toContain('the file "../s" of the secret "s" of "web" leads to');
  });

  test("is read by GitHub's API where the clone has not got trunk's commit, with the job's token", async () => {
    const world = await makeShop();
    const trunk = "c".repeat(40);
    const github = {
      GITHUB_ACTIONS: "true",
      GITHUB_REPOSITORY: "acme/shop",
      GITHUB_TOKEN: "ghs_1",
      GITHUB_API_URL: "https://api.github.test",
      GITHUB_SERVER_URL: "https://github.test",
    };
    world.env = { ...github, ...(await pullRequestOf(world.repository, trunk)) };
    const asked: string[] = [];
    const answer = (status: number, text = "", ofCommit = 200): Host["fetch"] => {
      return async (input, init) => {
        const url = typeof input === "string" ? input : "?";
        asked.push(`${url} ${new Headers(init?.headers).get("authorization") ?? ""}`);
        return new Response(text, { status: url.endsWith(`/git/commits/${trunk}`) ? ofCommit : status });
      };
    };
    const open = (fetch: Host["fetch"]) => openWorkspace({ ...world.host(), fetch }, {}, () => undefined);
    const { project } = await open(answer(200, settings.replaceAll("/shop/", "/api/")));
    expect(project.services[0]?.images[0]).toBe("reg.test/api/api");
    expect(asked).toEqual([`https://api.github.test/repos/acme/shop/contents/slipway.yaml?ref=${trunk} Bearer ghs_1`]);
    // Trunk has none: the pull request's own counts, without its rights.
    expect((await open(answer(404))).project.services[0]?.images[0]).toBe("reg.test/shop/api");
    // GitHub says 404 of everything to a token that may not see the repository: then it is not known what trunk has.
    for (const status of [403, 404]) {
      await expect(open(answer(404, "", status))).rejects.toMatchObject({
        code: "credentials",
        message: `reading the commit of trunk (ccccccc) by GitHub's API, which has no slipway.yaml or which the token may not read: HTTP ${status}`,
      });
    }
    await expect(open(answer(404, "", 502))).rejects.toMatchObject({ code: "unavailable" });
    await expect(open(answer(403))).rejects.toMatchObject({ code: "credentials" });
    await expect(open(answer(500))).rejects.toMatchObject({ code: "unavailable" });
    world.env = await pullRequestOf(world.repository, trunk);
    await expect(openWorkspace(world.host(), {}, () => undefined)).rejects.toMatchObject({
      code: "repository",
      message: `trunk's commit ${trunk} is not in this clone, and its slipway.yaml is needed`,
    });
  });
});

test.each([
  ["in a folder whose name begins with dots", "..conf/slipway.yaml", (path: string) => path],
  ["that a link leads to the repository by", "conf/slipway.yaml", (path: string, link: string) => join(link, path)],
])("trunk's own file counts for a configuration %s", async (_, path, named) => {
  const world = await makeShop({ [path]: settings });
  const folder = await mkdtemp(join(tmpdir(), "slipway-link-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const link = join(folder, "link");
  await symlink(world.repository.root, link);
  const trunk = await world.repository.git("rev-parse", "HEAD");
  await world.repository.commit({ [path]: settings.replaceAll("reg.test", "evil.test") });
  world.env = await pullRequestOf(world.repository, trunk);
  const { project } = await openWorkspace(world.host(), { config: named(path, link) }, () => undefined);
  expect(project.services[0]?.images[0]).toBe("reg.test/shop/api");
});

test("trunk's slipway.yaml is followed where it is a link to a file of trunk, and refused where it leads elsewhere", async () => {
  const world = await makeShop({ "conf/release.yaml": settings, "slipway.yaml": { link: "conf/release.yaml" } });
  const planned = async (): Promise<unknown> => {
    const trunk = await world.repository.commit({});
    world.env = await pullRequestOf(world.repository, trunk);
    await world.repository.commit({ "conf/release.yaml": settings.replaceAll("/shop/", "/evil/") });
    const workspace = await openWorkspace(world.host(), {}, () => undefined);
    return workspace.project.services[0]?.images[0];
  };
  expect(await planned()).toBe("reg.test/shop/api");
  for (const [link, why] of [
    ["../settings.yaml", 'leads out of the repository, to "../settings.yaml"'],
    ["/etc/hostname", 'leads out of the repository, to "/etc/hostname"'],
    ["conf/gone.yaml", "leads to a file that trunk does not have"],
    ["slipway.yaml", "leads in a circle"],
    ["web/Dockerfile/x", "leads through a file as if it were a folder"],
  ] as const) {
    await world.repository.remove("slipway.yaml");
    await world.repository.commit({ "slipway.yaml": { link } });
    await expect(planned()).rejects.toMatchObject({
      code: "repository",
      message: expect.stringContaining(`): its symbolic link ${why}`) as string,
      hint: "in trunk, make it a file, or a link to a file of the repository",
    });
  }
});

test("trunk knows the registries of all its Dockerfiles, and one git process reads many of them", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 150 }, (_, index) => [`v/${index}/Dockerfile`, `FROM reg-${index}.test/os\n`]),
  );
  const world = await makeShop({ ...files, "v/link.dockerfile": { link: "0/Dockerfile" } });
  const started: string[] = [];
  const plain = world.host();
  const host: Host = {
    ...plain,
    run: (program, args, options) => {
      started.push(`${program} ${args.join(" ")}`);
      return plain.run(program, args, options);
    },
  };
  const repository = await openRepository(host, world.repository.root);
  const trunk = await openTrunk({ host, run: makeRun({}, undefined) }, repository, repository.commit);
  started.length = 0;
  expect((await trunk.hosts()).filter((each) => each.startsWith("reg-"))).toHaveLength(150);
  expect(started.filter((each) => each === "git cat-file --batch")).toHaveLength(3);
  expect(started).toHaveLength(4);
});

test("a pull request's link in the place of the configuration does not keep trunk's from counting", async () => {
  const world = await makeShop({ "conf/slipway.yaml": settings });
  const trunk = await world.repository.git("rev-parse", "HEAD");
  await world.repository.remove("conf/slipway.yaml");
  await world.repository.commit({ "conf/slipway.yaml": { link: "/etc/hostname" } });
  world.env = await pullRequestOf(world.repository, trunk);
  const { project } = await openWorkspace(world.host(), { config: "conf/slipway.yaml" }, () => undefined);
  expect(project.services).toHaveLength(3);
});

describe("an untrusted run", () => {
  test("puts no index that is missing under the released name, and says that the image cannot be pulled", async () => {
    const world = await makeShop({
      "slipway.yaml": `${settings}    platforms: [linux/amd64, linux/arm64]\n`,
    });
    const built = await world.build({ services: ["web"] });
    const digest = parseDigest(built.services[0]?.image?.split("@")[1] ?? "");
    if (digest === undefined) throw new Error("web has no image");
    world.memory.deleteManifest("shop/web", digest);
    world.env = await pullRequestOf(world.repository);
    const before = world.memory.snapshot();
    const { services } = await world.build({ services: ["web"] });
    expect(services).toMatchObject([{ service: "web", outcome: "reused", image: null }]);
    expect(world.memory.snapshot()).toEqual(before);
    world.env = {};
    expect((await world.build({ services: ["web"] })).services).toMatchObject([
      { image: `reg.test/shop/web@${digest}` },
    ]);
    expect(world.memory.snapshot()).not.toEqual(before);
  });

  test("asks no forbidden host for a git commit that its plan pins", async () => {
    const host = makeTestHost({ run: () => Promise.reject(new Error("git was run")) });
    const registry = makeRegistry(host);
    const commit = "d".repeat(40);
    const pins = {
      images: [],
      git: ["good.test", "evil.test"].map((name) => ({ url: `https://${name}/a.git`, commit })),
    };
    const book = makePinBook({ host, registry, emit: () => undefined, hosts: new Set(["good.test"]) }, pins);
    expect(await book.gitCommit("https://good.test/a.git")).toBe(commit);
    await expect(book.gitCommit("https://evil.test/a.git")).rejects.toThrow(
      "is on evil.test, which trunk's definitions do not name",
    );
    expect((await book.pins()).git.map(({ url }) => url)).toEqual(["https://good.test/a.git"]);
  });

  test("deletes no cache", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    const workspace = await openWorkspace(world.host(), {}, () => undefined);
    world.forget();
    const rules = { unusedSeconds: 0, budgetBytes: 0, closedPullRequests: true, goneServices: true, leftovers: true };
    const selection = { service: undefined, tier: "registry", pullRequest: undefined, rules } as const;
    await expect(pruneStoredCaches(workspace, { ...selection, deletes: true })).rejects.toMatchObject({
      code: "refused",
      message: "cache prune deletes nothing for a pull request",
    });
    expect(world.memory.log).toEqual([]);
    expect((await pruneStoredCaches(workspace, { ...selection, deletes: false })).state).toBe("nothing");
  });
});

test.each([
  ["id=S,src=npmrc", []],
  ["id=S,source=npmrc", []],
  ["id=S,type=file,src=npmrc", []],
  ["id=S", ["S"]],
  ["id=s,env=S", ["S"]],
  ["id=s,type=env,src=S", ["S"]],
])("the secret %s of trunk's slipway.yaml allows the variables %j", (secret, allowed) => {
  const written = readConfig("slipway.yaml", `secrets: ["${secret}"]\n`, []);
  expect([...(readRights(written, false).secretEnv ?? [])]).toEqual(allowed);
});

describe("--untrusted", () => {
  test("on a person's machine gives a repository's own slipway.yaml no rights, and asks public registries only", async () => {
    const world = await makeShop({ "slipway.yaml": `${settings}allow: { hosts: [reg.test], env: [NAMED] }\n` });
    expect(kinds(await planAt(world, { untrusted: true }))).toEqual({
      api: "not-planned",
      base: "not-planned",
      web: "not-planned",
    });
    const trusted = await planAt(world);
    expect(kinds(trusted)).toMatchObject({ web: "build" });
  });

  test("takes the slipway.yaml of the trunk that is named, and refuses a trunk without it", async () => {
    const world = await makeShop();
    await world.repository.commit({ "web/index.html": "web 2" });
    expect(kinds(await planAt(world, { untrusted: true, trunk: "HEAD~1" }))).toMatchObject({ web: "build" });
    await expect(planAt(world, { trunk: "HEAD~1" })).rejects.toMatchObject({ code: "usage" });
  });

  test("publishes nothing, and releases nothing", async () => {
    const world = await makeShop();
    const before = world.memory.snapshot();
    await world.build({ untrusted: true, trunk: "HEAD" });
    expect(world.builds()).toContain("web linux/amd64");
    expect(world.memory.snapshot()).toEqual(before);
    await expect(world.release({ version: "1.0.0", untrusted: true, trunk: "HEAD" })).rejects.toThrow(
      "a release does not run for an untrusted run (--untrusted)",
    );
  });
});

test("a run that anybody may cause, on another commit than trunk's, releases and publishes nothing", async () => {
  const world = await makeShop();
  const trunk = await world.repository.git("rev-parse", "HEAD");
  await world.repository.commit({ "web/index.html": "a stranger's" });
  for (const name of ["issue_comment", "workflow_run"]) {
    world.env = { GITHUB_EVENT_NAME: name, GITHUB_SHA: trunk, GITHUB_REF: "refs/heads/main" };
    const before = world.memory.snapshot();
    await world.build();
    await expect(world.release({ version: "1.0.0" })).rejects.toThrow(
      `a release does not run for ${name} on another commit`,
    );
    await expect(world.rollback("1.0.0")).rejects.toThrow("a rollback does not run for");
    expect(world.memory.snapshot()).toEqual(before);
  }
});

describe("a run that anybody may cause, on trunk's commit", () => {
  const runOf = async (world: Shop, name = "workflow_run") => {
    const sha = await world.repository.git("rev-parse", "HEAD");
    world.env = { ...world.env, GITHUB_EVENT_NAME: name, GITHUB_SHA: sha, GITHUB_REF: "refs/heads/main" };
  };
  const compose = (secret: string) => `services:
  web:
    image: reg.test/shop/web
    build:
      context: web
      args: { A: "\${A:-none}" }
      secrets: [s]
secrets: { s: { ${secret} } }
`;

  test.each([
    [
      "generated files",
      { "slipway.yaml": settings.replace("context: web\n", "context: web\n    generated: web/dist/**\n") },
      "web/dist/index.html",
      "web/dist/**",
      "untrusted",
    ],
    [
      "a .env that git ignores",
      {
        "slipway.yaml": "from: compose\nreleases: reg.test/shop/releases\n",
        "compose.yaml": compose("environment: S"),
      },
      ".env",
      ".env",
      "trusted",
    ],
    [
      "a secret's file that git ignores",
      { "slipway.yaml": "from: compose\nreleases: reg.test/shop/releases\n", "compose.yaml": compose("file: ./npmrc") },
      "npmrc",
      "npmrc",
      "trusted",
    ],
  ])("is untrusted with %s, which a step may have unpacked", async (_, files, path, told, before) => {
    const world = await makeShop({ ".gitignore": "dist/\n.env\nnpmrc\n", ...files });
    await runOf(world);
    // Patterns of generated files count where there are no files yet: all jobs of a run decide alike.
    expect((await openWorkspace(world.host(), {}, () => undefined)).trust.kind).toBe(before);
    await world.repository.write({ [path]: "A=a stranger's\n" });
    const { trust, repository } = await openWorkspace(world.host(), {}, () => undefined);
    expect(repository.dirty).toBe(false);
    expect(trust).toEqual({
      kind: "untrusted",
      because: `workflow_run with files that are not of its commit (${told})`,
      trunk: repository.commit,
    });
    const stored = world.memory.snapshot();
    await world.build();
    await expect(world.release({ version: "1.0.0" })).rejects.toThrow(
      "a release does not run for workflow_run with files",
    );
    expect(world.memory.snapshot()).toEqual(stored);
    await runOf(world, "push");
    expect((await openWorkspace(world.host(), {}, () => undefined)).trust).toEqual({ kind: "trusted" });
  });
});
