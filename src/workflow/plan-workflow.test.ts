import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { actionInputs } from "./action-contract.ts";
import type { WorkflowFacts } from "./facts.ts";
import { authorshipOf } from "./marker.ts";
import { chooseLayout, planWorkflow } from "./plan-workflow.ts";
import { renderWorkflow } from "./render-workflow.ts";
import { makeFacts, platform, service } from "./testing/facts.ts";
import { type GithubWorkflow, githubWorkflow } from "./testing/github-workflow.ts";

const many = (count: number) => Array.from({ length: count }, (_, index) => service(`s${index}`));
const amd64 = platform("linux/amd64");
const arm64 = platform("linux/arm64");

const repositories: Readonly<Record<string, WorkflowFacts>> = {
  matrix: makeFacts(),
  single: makeFacts({ services: [service("api"), service("web")] }),
  groups: makeFacts({ tags: ["v{version}", "web-v{version}", "a+b/{version}"], trunk: "trunk" }),
  platforms: makeFacts({
    services: [
      service("base", { platforms: [amd64, arm64] }),
      service("api", { platforms: [amd64, arm64], needs: ["base"] }),
      service("tool", { platforms: [platform("linux/arm/v7")] }),
    ],
  }),
  "self-hosted": makeFacts({
    runners: {
      byPlatform: { "linux/amd64": ["self-hosted", "linux", "big"] },
      light: ["self-hosted", "small"],
      atOnce: 3,
    },
  }),
  "github-enterprise": makeFacts({
    server: "https://github.acme.example",
    services: many(4).map((each) => ({ ...each, registries: ["containers.github.acme.example"] })),
  }),
  bake: makeFacts({ plansWithDocker: true }),
  "other-registry": makeFacts({
    services: many(5).map((each) => ({ ...each, registries: ["registry.example.com"] })),
    registries: [
      {
        host: "registry.example.com",
        user: "${{ secrets.REGISTRY_USER }}",
        password: "${{ secrets.REGISTRY_PASSWORD }}",
      },
    ],
  }),
  large: makeFacts({ services: many(300) }),
  shadow: makeFacts({ shadow: true }),
  previews: makeFacts({ previews: true }),
  "previews-single": makeFacts({ previews: true, jobs: "single" }),
  "semantic-release": makeFacts({
    semanticRelease: { branches: ["main", "next"], packages: ["semantic-release@25.0.9", "slipway@1.0.0"] },
  }),
};

function read(facts: WorkflowFacts): GithubWorkflow {
  return githubWorkflow.parse(parse(renderWorkflow(planWorkflow(facts))));
}

function jobOf(workflow: GithubWorkflow, id: string): GithubWorkflow["jobs"][string] {
  const job = workflow.jobs[id];
  if (job === undefined) throw new Error(`no job ${id}; there are ${Object.keys(workflow.jobs).join(", ")}`);
  return job;
}

describe("the workflow", () => {
  for (const [name, facts] of Object.entries(repositories)) {
    test(`of the repository "${name}" is as written`, async () => {
      const text = renderWorkflow(planWorkflow(facts));
      expect(githubWorkflow.safeParse(parse(text)).error?.message).toBeUndefined();
      await expect(text).toMatchFileSnapshot(`golden/${name}.yml`);
    });
  }

  test("starts on version tags, trunk, pull requests, merge queues, calls, and by hand", () => {
    const { on } = read(repositories["groups"] ?? makeFacts());
    expect(Object.keys(on)).toEqual(["push", "pull_request", "merge_group", "workflow_call", "workflow_dispatch"]);
    expect(on["push"]).toEqual({
      branches: ["trunk"],
      tags: ["v[0-9]+.[0-9]+.[0-9]+*", "web-v[0-9]+.[0-9]+.[0-9]+*", "a\\+b/[0-9]+.[0-9]+.[0-9]+*"],
    });
  });

  test("releases nothing by hand unless asked to", () => {
    const { on } = read(makeFacts());
    expect(on["workflow_dispatch"]).toMatchObject({
      inputs: { services: { type: "string" }, force: { default: false }, release: { type: "boolean", default: false } },
    });
  });

  test("passes the action only inputs that it declares", () => {
    const uses = Object.values(repositories).flatMap((facts) =>
      Object.values(read(facts).jobs).flatMap(({ steps }) => steps.filter((step) => step.uses?.startsWith("acme/"))),
    );
    const names = new Set(uses.flatMap((step) => Object.keys(step.with ?? {})));
    expect([...names].filter((name) => !(name in actionInputs))).toEqual([]);
  });
});

describe("previews", () => {
  const workflow = () => read(makeFacts({ previews: true }));

  test("start on the closing of a pull request, too, and nothing is built then", () => {
    expect(workflow().on["pull_request"]).toEqual({ types: ["opened", "synchronize", "reopened", "closed"] });
    expect(jobOf(workflow(), "plan").if).toBe("${{ github.event.action != 'closed' }}");
  });

  test("are never of a fork", () => {
    const condition = jobOf(workflow(), "preview").if ?? "";
    expect(condition).toContain("github.event.pull_request.head.repo.full_name == github.repository &&");
    expect(condition).toContain("github.event_name == 'pull_request'");
  });

  test("let one job comment, which runs no code of the pull request", () => {
    const may = Object.entries(workflow().jobs).filter(([, { permissions }]) => "pull-requests" in (permissions ?? {}));
    expect(may.map(([id]) => id)).toEqual(["preview"]);
    expect(jobOf(workflow(), "preview").permissions).toEqual({
      contents: "read",
      packages: "write",
      "pull-requests": "write",
    });
  });

  test("are not there unless configured, nor beside another workflow", () => {
    for (const facts of [makeFacts(), makeFacts({ shadow: true, previews: true })]) {
      expect(Object.keys(read(facts).jobs)).not.toContain("preview");
      expect(read(facts).on["pull_request"]).toBeNull();
    }
  });
});

describe("scheduling", () => {
  test("builds cancel outdated builds of the same ref; a promotion is queued and never cancelled", () => {
    const workflow = read(makeFacts());
    for (const id of ["plan", "build"]) {
      expect(jobOf(workflow, id).concurrency).toMatchObject({ "cancel-in-progress": true });
      expect(jobOf(workflow, id).concurrency?.group).toContain("${{ github.ref }}");
    }
    expect(jobOf(workflow, "release").concurrency).toEqual({
      group: "slipway-release-${{ github.ref }}-${{ github.sha }}",
      "cancel-in-progress": false,
    });
  });

  test("in one job, only what cannot be releasing is cancelled", () => {
    const { concurrency } = jobOf(read(makeFacts({ jobs: "single" })), "release");
    expect(concurrency?.["cancel-in-progress"]).toBe(
      "${{ github.event_name == 'pull_request' || github.event_name == 'merge_group' }}",
    );
  });

  test("one failing build cancels no other", () => {
    const matrices = Object.values(repositories).flatMap((facts) =>
      Object.values(read(facts).jobs).flatMap(({ strategy }) => (strategy === undefined ? [] : [strategy])),
    );
    expect(matrices.length).toBeGreaterThan(5);
    expect(matrices.every((strategy) => !strategy["fail-fast"])).toBe(true);
  });

  test("nothing changed: the build is skipped, and the release runs all the same", () => {
    const workflow = read(makeFacts());
    expect(jobOf(workflow, "build").if).toBe("${{ needs.plan.outputs.matrix != '[]' }}");
    const condition = jobOf(workflow, "release").if ?? "";
    expect(condition).toContain(`contains(fromJSON('["success", "skipped"]'), needs.build.result)`);
    expect(condition).toContain("!cancelled()");
    expect(condition).toContain("needs.plan.outputs.release == 'true'");
  });

  test("services that wait for others are built in a later round", () => {
    const workflow = read(repositories["platforms"] ?? makeFacts());
    expect(jobOf(workflow, "build-2").needs).toEqual(["plan", "build"]);
    expect(jobOf(workflow, "plan").steps[0]?.with?.["matrix-jobs"]).toBe("1 1");
    expect(jobOf(workflow, "release").needs).toEqual(["plan", "build", "build-2"]);
  });

  test("over 256 entries are split into several matrix jobs that run at the same time", () => {
    const workflow = read(repositories["large"] ?? makeFacts());
    expect(jobOf(workflow, "build-2").needs).toEqual(["plan"]);
    expect(jobOf(workflow, "plan").steps[0]?.with?.["matrix-jobs"]).toBe("2");
    expect(Object.keys(workflow.jobs)).toEqual(["plan", "build", "build-2", "release", "slipway"]);
  });

  test("the last job is called slipway, runs always, and waits for all others", () => {
    for (const [name, facts] of Object.entries(repositories)) {
      const workflow = read(facts);
      const ids = Object.keys(workflow.jobs);
      const last = jobOf(workflow, ids.at(-1) ?? "");
      expect(last.name).toBe(name === "shadow" ? "slipway-shadow" : "slipway");
      expect(last.if).toBe("always()");
      expect(last.needs).toEqual(ids.slice(0, -1));
    }
  });

  test("every job has a time limit, and what needs no Docker runs where there is none", () => {
    const limits = Object.values(repositories).flatMap((facts) =>
      Object.values(read(facts).jobs).map((job) => job["timeout-minutes"]),
    );
    expect(limits.filter((limit) => limit === undefined || limit > 60)).toEqual([]);
    const workflow = read(makeFacts());
    const light = ["plan", "release", "slipway"].map((id) => jobOf(workflow, id)["runs-on"]);
    expect(light).toEqual(["ubuntu-slim", "ubuntu-slim", "ubuntu-slim"]);
    expect(jobOf(read(makeFacts({ plansWithDocker: true })), "plan")["runs-on"]).toBe("ubuntu-24.04");
  });

  test("no two jobs wait for, or cancel, each other by a group that they share", () => {
    for (const facts of Object.values(repositories)) {
      const groups = Object.entries(read(facts).jobs).flatMap(([id, { concurrency }]) =>
        // Matrix jobs of one workflow never have the same service and platform.
        concurrency === undefined || id.startsWith("build-") ? [] : [concurrency.group.toLowerCase()],
      );
      expect(new Set(groups).size).toBe(groups.length);
    }
  });

  test("of a run that was asked for by hand no other run is cancelled", () => {
    const { concurrency } = jobOf(read(makeFacts({ jobs: "single" })), "release");
    expect(concurrency?.group).toContain("inputs.release && github.run_id");
  });

  test("as many builds run at once as there are runners for, where that is said", () => {
    expect(jobOf(read(repositories["self-hosted"] ?? makeFacts()), "build").strategy?.["max-parallel"]).toBe(3);
    expect(jobOf(read(makeFacts()), "build").strategy).not.toHaveProperty("max-parallel");
  });

  test("each platform is built on a runner that has it", () => {
    const runners: unknown = JSON.parse(
      String(jobOf(read(repositories["platforms"] ?? makeFacts()), "plan").steps[0]?.with?.["runners"]),
    );
    expect(runners).toEqual({
      "linux/amd64": "ubuntu-24.04",
      "linux/arm/v7": "ubuntu-24.04",
      "linux/arm64": "ubuntu-24.04-arm",
    });
  });
});

describe("with semantic-release", () => {
  const workflow = read(repositories["semantic-release"] ?? makeFacts());

  test("gives the job's token to GitHub's registry, and to no other that is called like it", () => {
    const services = many(2).map((each) => ({ ...each, registries: ["ghcr.io", "containers.example.com"] }));
    const semanticRelease = { branches: ["main"], packages: undefined };
    const { steps } = jobOf(read(makeFacts({ services, semanticRelease })), "release");
    const hosts = steps.flatMap(({ env }) => env?.["REGISTRY"] ?? []);
    expect([...new Set(hosts)]).toEqual(["ghcr.io"]);
  });

  test("its branches start the workflow; tags, which it makes itself, do not, and nothing calls it", () => {
    expect(Object.keys(workflow.on)).toEqual(["push", "pull_request", "merge_group", "workflow_dispatch"]);
    expect(workflow.on["push"]).toEqual({ branches: ["main", "next"] });
  });

  test("it runs after the builds, which it finds done, with the whole history and no token in git's configuration", () => {
    const job = jobOf(workflow, "release");
    expect(job.needs).toEqual(["plan", "build"]);
    expect(job.if).toBe(jobOf(read(makeFacts()), "release").if);
    expect(job.steps[0]?.with).toEqual({ "fetch-depth": 0, "persist-credentials": false });
    expect(job.steps.find(({ id }) => id === "release")).toMatchObject({
      run: "npx --yes --package semantic-release@25.0.9 --package slipway@1.0.0 semantic-release\n",
    });
    expect(job.concurrency).toEqual({ group: "slipway-release-${{ github.ref }}", "cancel-in-progress": false });
  });

  test("logs in to GitHub's registry with the job's token, and to none that it knows no password of", () => {
    const logins = jobOf(workflow, "release").steps.filter(({ name }) => name?.startsWith("Log in"));
    expect(logins.map(({ env }) => env)).toEqual([
      {
        REGISTRY: "ghcr.io",
        REGISTRY_USER: "${{ github.actor }}",
        REGISTRY_PASSWORD: "${{ github.token }}",
      },
    ]);
  });

  test("logs out at the end, whatever happened, of what it logged in to", () => {
    expect(jobOf(workflow, "release").steps.at(-1)).toMatchObject({
      if: "always()",
      env: { REGISTRY: "ghcr.io" },
      run: 'docker logout "$REGISTRY"\n',
    });
  });

  test("from the repository's own lock file installs it", () => {
    const semanticRelease = { branches: ["main"], packages: undefined };
    const runs = jobOf(read(makeFacts({ semanticRelease })), "release").steps.flatMap(({ run = [] }) => run);
    expect(runs.slice(1, 3)).toEqual(["npm ci\n", "npx --no-install semantic-release\n"]);
  });

  test("a shadow does not run it", () => {
    const facts = { ...makeFacts({ shadow: true }), semanticRelease: { branches: ["main"], packages: undefined } };
    expect(Object.keys(read(facts).jobs)).toEqual(["plan", "build", "slipway-shadow"]);
  });
});

describe("permissions", () => {
  test("are nothing for the workflow, and the least for each job", () => {
    const workflow = read(makeFacts());
    expect(workflow.permissions).toEqual({});
    const each = Object.fromEntries(Object.entries(workflow.jobs).map(([id, job]) => [id, job.permissions]));
    expect(each).toEqual({
      plan: { contents: "read", packages: "read" },
      build: { contents: "read", packages: "write" },
      release: { contents: "write", packages: "write" },
      slipway: {},
    });
  });

  test("of everything in one job are what a release needs, and no more", () => {
    const workflow = read(makeFacts({ jobs: "single" }));
    expect(jobOf(workflow, "release").permissions).toEqual({ contents: "write", packages: "write" });
    expect(jobOf(workflow, "slipway").permissions).toEqual({});
  });

  test("every action is used by its commit but those of steps a person wrote, and none leaves its token in git's settings", async () => {
    const adopted = await readFile(new URL("golden/adopted-steps-before.yml", import.meta.url), "utf8");
    const workflows = [...Object.values(repositories).map(read), githubWorkflow.parse(parse(adopted))];
    const steps = workflows.flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));
    const uses = steps.flatMap((step) => step.uses ?? []);
    expect(uses.length).toBeGreaterThan(20);
    expect(uses.filter((each) => !/@[0-9a-f]{40}$/.test(each))).toEqual(["actions/setup-node@v4"]);
    const checkouts = steps.filter((step) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false, false]);
  });

  test("leave packages out where no image is in GitHub's registry", () => {
    const workflow = read(repositories["other-registry"] ?? makeFacts());
    expect(Object.values(workflow.jobs).some(({ permissions }) => "packages" in (permissions ?? {}))).toBe(false);
  });

  test("of a shadow move nothing: it has no release job and may write no contents", () => {
    const workflow = read(repositories["shadow"] ?? makeFacts());
    expect(Object.keys(workflow.jobs)).toEqual(["plan", "build", "slipway-shadow"]);
    expect(JSON.stringify(workflow)).not.toMatch(/"contents":"write"/);
    expect(Object.keys(workflow.on)).not.toContain("workflow_call");
  });

  test("of semantic-release's job are those of a release, and to comment", () => {
    const workflow = read(repositories["semantic-release"] ?? makeFacts());
    expect(jobOf(workflow, "release").permissions).toEqual({
      contents: "write",
      packages: "write",
      issues: "write",
      "pull-requests": "write",
    });
  });

  test("no script holds an expression", () => {
    for (const facts of Object.values(repositories)) {
      const scripts = Object.values(read(facts).jobs).flatMap(({ steps }) => steps.flatMap(({ run = "" }) => run));
      expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
    }
  });
});

describe("the layout", () => {
  test.each([
    [1, "single"],
    [3, "single"],
    [4, "matrix"],
  ] as const)("of %d services is %s", (count, layout) => {
    expect(chooseLayout(makeFacts({ services: many(count) }))).toBe(layout);
  });

  test("is a matrix where platforms need different runners, and what was asked for otherwise", () => {
    const services = [service("api", { platforms: [amd64, arm64] })];
    expect(chooseLayout(makeFacts({ services }))).toBe("matrix");
    expect(chooseLayout(makeFacts({ services, jobs: "single" }))).toBe("single");
  });
});

const names = fc.stringMatching(/^[a-z][a-z0-9._-]{0,12}$/);
const anyFacts = fc
  .record({
    services: fc.uniqueArray(
      fc.record({
        name: names,
        platforms: fc.subarray([amd64, arm64, platform("linux/s390x")], { minLength: 1 }),
        registries: fc.constantFrom(["ghcr.io"], ["registry.example.com"], ["docker.io", "ghcr.io"]),
      }),
      { minLength: 1, maxLength: 12, selector: ({ name }) => name },
    ),
    needs: fc.array(fc.tuple(fc.nat(11), fc.nat(11))),
    trunk: fc.oneof(names, fc.constantFrom("on", "no", "1.0", "a: b", "feature/#1", "'q'", '"', "release/**")),
    tag: fc.constantFrom("v{version}", "{version}", "a@{version}-x", "on/{version}"),
    jobs: fc.constantFrom("matrix" as const, "single" as const, undefined),
    shadow: fc.boolean(),
    plansWithDocker: fc.boolean(),
    label: fc.option(fc.stringMatching(/^[\w][\w:#, -]{0,10}$/)),
  })
  .map(({ services, needs, trunk, tag, jobs, shadow, plansWithDocker, label }): WorkflowFacts => {
    const withNeeds = services.map((each, index) => ({
      ...each,
      needs: needs.flatMap(([of, on]) => (of === index && on < of ? (services[on]?.name ?? []) : [])),
    }));
    const byPlatform = label === null ? {} : { "linux/amd64": ["self-hosted", label] };
    return makeFacts({
      services: withNeeds,
      trunk,
      tags: [tag],
      jobs,
      shadow,
      plansWithDocker,
      runners: { byPlatform, light: undefined, atOnce: undefined },
    });
  });

describe("whatever the repository", () => {
  test("the workflow is YAML that GitHub's syntax allows, says what was planned, and knows its own text", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const text = renderWorkflow(planWorkflow(facts));
        const workflow = githubWorkflow.parse(parse(text));
        expect((workflow.on["push"] as { branches: string[] }).branches).toEqual([facts.trunk]);
        expect(authorshipOf(text)).toBe("generated");
        expect(authorshipOf(`${text}# mine\n`)).toBe("edited");
        expect(authorshipOf(text.replaceAll("\n", "\r\n"))).toBe("generated");
      }),
      { numRuns: 150 },
    );
  });
});
