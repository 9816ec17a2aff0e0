import { describe, expect, test } from "vitest";
import type { YamlMap, YamlValue } from "../../formats/yaml-data.ts";
import { asMap } from "../../formats/yaml-data.ts";
import { planWorkflow } from "../plan-workflow.ts";
import { renderWorkflow } from "../render-workflow.ts";
import { makeFacts, platform } from "../testing/facts.ts";
import { adoptWorkflow } from "./adopt-workflow.ts";
import { parseWorkflow } from "./source.ts";

/** Text that a key's value contains, so that it is found again. */
const mark = "m4rk";

type Path = readonly (string | number)[];

/** Keys of GitHub's schema of workflows, each with a value. Source: actions/languageservices, workflow-v1.0.json. */
const events = (
  "branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment fork gollum image_version " +
  "issue_comment issues label merge_group milestone page_build project project_card project_column public pull_request pull_request_review " +
  "pull_request_review_comment pull_request_target registry_package release repository_dispatch status watch workflow_call workflow_dispatch workflow_run"
).split(" ");

const scopes = (
  "actions artifact-metadata attestations checks code-quality contents copilot-requests deployments discussions drives id-token issues models packages " +
  "pages pull-requests repository-projects security-events statuses vulnerability-alerts"
).split(" ");

const ofWorkflow: Readonly<Record<string, YamlValue>> = {
  name: mark,
  description: mark,
  "run-name": mark,
  env: { [mark]: "1" },
  defaults: { run: { shell: "bash", "working-directory": mark } },
  concurrency: { group: mark, "cancel-in-progress": true, queue: "max" },
};

const ofJob: Readonly<Record<string, YamlValue>> = {
  name: mark,
  needs: ["other"],
  if: `github.actor != '${mark}'`,
  "runs-on": [mark],
  "timeout-minutes": 4711,
  "cancel-timeout-minutes": 3,
  "continue-on-error": true,
  container: { image: mark, options: "", env: {}, ports: [], volumes: [], credentials: {} },
  services: { [mark]: { image: "redis" } },
  env: { [mark]: "1" },
  environment: { name: mark, url: "https://acme.test", deployment: false },
  concurrency: { group: mark },
  outputs: { [mark]: "${{ steps.build.outputs.imageid }}" },
  defaults: { run: { "working-directory": mark } },
  snapshot: { "image-name": mark, version: "1" },
  strategy: { matrix: { service: [mark] }, "fail-fast": true, "max-parallel": 4711 },
  unheard: mark,
};

const ofStep: Readonly<Record<string, YamlValue>> = {
  name: mark,
  if: `github.actor != '${mark}'`,
  env: { [mark]: "1" },
  "continue-on-error": true,
  "timeout-minutes": 4711,
  background: true,
  unheard: mark,
};

const build = {
  id: "build",
  uses: "docker/build-push-action@v6",
  with: { context: "api", push: true, tags: "ghcr.io/acme/api:latest" },
};
const script = {
  id: "build",
  run: "docker build -t ghcr.io/acme/api:latest api\ndocker push ghcr.io/acme/api:latest\n",
};
const steps: Readonly<Record<string, YamlMap>> = {
  build,
  "a script that builds": script,
  login: {
    uses: "docker/login-action@v3",
    with: { registry: "ghcr.io", username: "me", password: "${{ secrets.P }}" },
  },
  metadata: { id: "meta", uses: "docker/metadata-action@v5", with: { images: "ghcr.io/acme/api" } },
  "set-up": { uses: "docker/setup-buildx-action@v3" },
  checkout: { uses: "actions/checkout@v4" },
  "a script before": { run: "make files" },
  "an action before": { uses: "acme/makes-files@v1" },
  "a script that prints": { run: "echo hello" },
};

/** Returns what a conversion says and writes of a workflow. */
function outcomeOf(workflow: YamlMap): { readonly written: string; readonly said: string } {
  const file = ".github/workflows/images.yml";
  const text = JSON.stringify(workflow);
  const source = parseWorkflow(file, text) ?? expect.unreachable("no workflow");
  const files = { paths: new Set([file]), read: (path: string) => (path === file ? text : undefined) };
  const found = adoptWorkflow(source, {
    repository: "acme/shop",
    trunk: "main",
    files,
    nameOf: () => "api",
    readsBake: false,
  });
  if (found === undefined) return { written: "", said: "" };
  const services = found.services.map(({ name, platforms, images }) => ({
    name,
    platforms: platforms.map((each) => platform(each)),
    needs: [],
    registries: images.map((image) => image.split("/")[0] ?? ""),
  }));
  const facts = makeFacts({
    adopted: found,
    services,
    runners: { byPlatform: {}, light: undefined, atOnce: found.atOnce },
  });
  const rendered = (["single", "matrix"] as const).map((jobs) => renderWorkflow(planWorkflow({ ...facts, jobs })));
  return {
    written: `${rendered.join("\n")}${JSON.stringify([found.services, found.name])}`,
    said: [...found.replaced, ...found.notCarried.map(({ message }) => message)].join("\n"),
  };
}

/** Returns the workflow with one job that builds, with a value at a path. */
function withKey(path: Path, value: YamlValue, list: readonly YamlMap[] = [build]): YamlMap {
  const base: YamlMap = {
    on: { push: { branches: ["main"] } },
    jobs: {
      other: { "runs-on": "ubuntu-latest", steps: [{ run: "true" }] },
      build: { "runs-on": "ubuntu-latest", steps: list },
    },
  };
  return asMap(put(base, path, value));
}

function put(into: YamlValue | undefined, [key, ...rest]: Path, value: YamlValue): YamlValue {
  if (key === undefined) return value;
  if (Array.isArray(into)) {
    const items = into as readonly YamlValue[];
    return items.map((each, index) => (index === key ? put(each, rest, value) : each));
  }
  return { ...asMap(into), [key]: put(asMap(into)[key], rest, value) };
}

/** Whether a key is written, or said by its name. */
function isTreated(workflow: YamlMap, key: string, sign: string): boolean {
  const { written, said } = outcomeOf(workflow);
  return (
    written.includes(sign) || said.includes(sign) || new RegExp(`(?:^|[^\\w-])${key}(?:[^\\w-]|$)`, "m").test(said)
  );
}

describe("nothing of a workflow is dropped in silence:", () => {
  test.each(Object.entries(ofWorkflow))("the workflow's %s", (key, value) => {
    expect(isTreated(withKey([key], value), key, mark)).toBe(true);
    const { jobs } = withKey([key], value);
    const alone = { ...withKey([key], value), jobs: { build: asMap(jobs)["build"] } };
    expect(isTreated(alone, key, mark)).toBe(true);
  });

  test.each(events)("the event %s", (event) => {
    expect(
      isTreated(withKey(["on", event], event === "workflow_run" ? { workflows: [mark] } : {}), event, `  ${event}:`),
    ).toBe(true);
  });

  test.each(scopes)("the permission %s", (scope) => {
    for (const path of [["permissions"], ["jobs", "build", "permissions"]])
      expect(isTreated(withKey(path, { [scope]: "write" }), scope, `${scope}: write`)).toBe(true);
  });

  test.each(["read-all", "write-all"])("permissions: %s", (all) => {
    expect(outcomeOf(withKey(["permissions"], all)).said).toContain(all);
  });

  test.each(Object.entries(ofJob))("a job's %s", (key, value) => {
    const sign = key === "timeout-minutes" ? "4711" : key === "needs" ? "needs: [other]" : mark;
    expect(isTreated(withKey(["jobs", "build", key], value), key, sign)).toBe(true);
  });

  test.each(["fail-fast", "max-parallel"])("a strategy's %s", (key) => {
    const value = key === "fail-fast" ? true : 4711;
    expect(isTreated(withKey(["jobs", "build", "strategy"], { [key]: value }), key, "4711")).toBe(true);
  });

  const pairs = Object.keys(steps).flatMap((kind) => Object.keys(ofStep).map((key) => [kind, key] as const));
  test.each(pairs)("of %s: %s", (kind, key) => {
    const step = steps[kind] ?? {};
    const isBuild = kind.includes("build");
    const list = isBuild ? [{ ...step, [key]: ofStep[key] }] : [{ ...step, [key]: ofStep[key] }, build];
    const sign = key === "timeout-minutes" ? "4711" : typeof ofStep[key] === "boolean" ? `"${key}":true` : mark;
    expect(isTreated(withKey(["name"], "images", list), key, sign)).toBe(true);
  });

  test.each(["wait", "wait-all", "cancel", "parallel"])("a step that is %s", (key) => {
    expect(isTreated(withKey(["name"], "images", [{ [key]: mark }, build]), key, mark)).toBe(true);
  });

  test("a job that calls a workflow stays as it is", () => {
    const called = { uses: "./.github/workflows/x.yml", with: { a: mark }, secrets: "inherit" };
    const { written } = outcomeOf(withKey(["jobs", "called"], called));
    expect(written).toContain("uses");
    expect(written).toContain(mark);
    expect(written).toContain("inherit");
  });
});
