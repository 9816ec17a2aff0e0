import { asMap } from "../../formats/yaml-data.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { isImageTag } from "../testing/templates.ts";
import { makeFacts, platform } from "../testing/facts.ts";
import { githubWorkflow } from "../testing/github-workflow.ts";
import type { Adopted, AdoptedService } from "../adopted.ts";
import { planWorkflow } from "../plan-workflow.ts";
import { planConfig, renderConfig } from "../render-config.ts";
import { renderWorkflow } from "../render-workflow.ts";
import { adoptWorkflow } from "./adopt-workflow.ts";
import { matrixOf } from "./expressions.ts";
import { readShellScript } from "./shell-builds.ts";
import { parseWorkflow } from "./source.ts";

function adopt(name: string): Adopted | undefined {
  return adoptText(readFileSync(join(import.meta.dirname, "fixtures", `${name}.yml`), "utf8"), name);
}

function adoptText(text: string, name = "images"): Adopted | undefined {
  const file = `.github/workflows/${name}.yml`;
  const source = parseWorkflow(file, text);
  if (source === undefined) throw new Error(`${name} is no workflow`);
  const nameOf = (dockerfile: string): string => dockerfile.split("/").at(-2) ?? "shop";
  const files = { paths: new Set([file]), read: (path: string) => (path === file ? text : undefined) };
  const trunk = text.includes("[master]") ? "master" : "main";
  return adoptWorkflow(source, { repository: "acme/shop", trunk, files, nameOf, readsBake: false });
}

function adopted(name: string): Adopted {
  const found = adopt(name);
  if (found === undefined) throw new Error(`${name} publishes nothing`);
  return found;
}

function serviceOf({ services }: Adopted, name: string): AdoptedService {
  const service = services.find((each) => each.name === name);
  if (service === undefined) throw new Error(`no ${name} among ${services.map((each) => each.name).join(", ")}`);
  return service;
}

function factsOf(found: Adopted) {
  return makeFacts({
    adopted: found,
    tags: [found.gitTag],
    services: found.services.map(({ name, platforms, images }) => ({
      name,
      platforms: platforms.map((each) => platform(each)),
      needs: [],
      registries: images.map((image) => image.split("/")[0] ?? ""),
    })),
  });
}

const carried = ["one-image", "services-matrix", "platform-merge", "shell", "steps-before"];

describe("a hand-made workflow", () => {
  test.each(carried)("%s becomes a workflow and a configuration, as written", async (name) => {
    const found = adopted(name);
    expect(found.notCarried).toEqual([]);
    const text = renderWorkflow(planWorkflow(factsOf(found)));
    expect(githubWorkflow.safeParse(parse(text)).error?.message).toBeUndefined();
    await expect(text).toMatchFileSnapshot(`../golden/adopted-${name}.yml`);
    const services = found.services.map((each) => ({ adopted: each, plain: undefined, generated: [] }));
    const config = planConfig(services, { gitTag: found.gitTag, listsServices: true });
    await expect(renderConfig(config ?? {})).toMatchFileSnapshot(`../golden/adopted-${name}.slipway.yaml`);
  });

  test("keeps image names and tags", () => {
    expect(adopted("one-image").services).toMatchObject([
      {
        images: ["ghcr.io/acme/shop"],
        tags: { version: ["{version}", "{major}.{minor}", "sha-{sha}", "latest"], branch: ["{branch}", "sha-{sha}"] },
      },
    ]);
    expect(serviceOf(adopted("services-matrix"), "web")).toMatchObject({
      images: ["docker.io/acme/web"],
      tags: { version: ["{version}"], branch: ["edge"] },
    });
    expect(serviceOf(adopted("shell"), "api").tags).toEqual({ version: [], branch: ["latest", "{sha}"] });
    // A dispatch publishes, too.
    expect(serviceOf(adopted("steps-before"), "web").tags).toEqual({
      version: ["latest", "v{version}"],
      branch: ["latest", "{branch}"],
    });
  });

  test("keeps build args; one that stamps a commit id is never a reason to build", () => {
    expect(serviceOf(adopted("services-matrix"), "api").args).toEqual({
      GIT_SHA: { env: "GITHUB_SHA", stamp: true },
      NODE_ENV: { value: "production" },
      CHANNEL: { env: "CHANNEL", stamp: false },
    });
    expect(serviceOf(adopted("shell"), "api").args).toEqual({ COMMIT: { env: "GITHUB_SHA", stamp: true } });
  });

  test("keeps secrets, target, platforms, runner labels, gate, condition, environment and time limit", () => {
    const found = adopted("services-matrix");
    expect(serviceOf(found, "web")).toMatchObject({ target: "runtime", secrets: [{ id: "npm", env: "NPM_TOKEN" }] });
    expect(found.variables).toEqual({ CHANNEL: "${{ vars.CHANNEL }}", NPM_TOKEN: "${{ secrets.NPM_TOKEN }}" });
    expect(found).toMatchObject({
      gates: ["test"],
      condition: "github.repository == 'acme/shop'",
      environment: "production",
      timeoutMinutes: 45,
      labels: { "linux/amd64": ["self-hosted", "linux", "big"] },
      registries: [{ host: "docker.io", user: "${{ secrets.DOCKERHUB_USERNAME }}" }],
    });
    expect(serviceOf(adopted("platform-merge"), "shop").platforms).toEqual(["linux/amd64", "linux/arm64"]);
  });

  test("keeps other jobs word for word, but for what they say of the jobs that go", () => {
    const deploy = adopted("services-matrix").jobs.find(({ id }) => id === "deploy")?.text ?? "";
    expect(deploy).toContain("# The version decides where it goes.");
    expect(deploy).toContain("needs: [release]");
    expect(deploy).toContain("if: needs.release.result == 'success'");
    expect(deploy).toContain("VERSION: ${{ needs.release.outputs.version }}");
    // The workflow's own permissions are nothing now.
    expect(parse(deploy)).toMatchObject({ deploy: { permissions: { contents: "read", packages: "write" } } });
  });

  test("keeps triggers, and inputs of its own", () => {
    const { on } = githubWorkflow.parse(parse(renderWorkflow(planWorkflow(factsOf(adopted("steps-before"))))));
    expect(Object.keys(on)).toEqual(["release", "workflow_dispatch"]);
    expect(Object.keys(asMap(asMap(on["workflow_dispatch"] as never)["inputs"]))).toEqual([
      "reason",
      "services",
      "force",
    ]);
  });

  test("with steps before the build is done in one job, which checks everything out first", () => {
    const { jobs } = githubWorkflow.parse(parse(renderWorkflow(planWorkflow(factsOf(adopted("steps-before"))))));
    expect(jobs["release"]?.steps.map((step) => step.uses ?? step.run?.split("\n")[0])).toEqual([
      "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
      "actions/setup-node@v4",
      "npm ci",
      "acme/slipway@0123456789abcdef0123456789abcdef01234567",
    ]);
  });

  test("that pushes nothing is left alone", () => {
    expect(adopt("no-push")).toBeUndefined();
  });

  test("is refused with everything that cannot be carried, each with its place", () => {
    const { notCarried } = adopted("cannot");
    expect(notCarried.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '10: the input "submodules" of actions/checkout: Slipway builds the run\'s own commit',
      '13: the input "allow" of the build, which Slipway does not have',
      "13: the build arg TOKEN from a secret: it would be in the image's history; use RUN --mount=type=secret",
      "13: images that are pushed from pull requests: Slipway pushes none, unless as previews",
      '13: the image name "‹secrets.hub_user›/odd", which is not known before a run',
      '13: the tag "‹github.run_number›", which only a run knows',
    ]);
  });
});

describe("previews beside an adopted workflow", () => {
  test.each([
    ["none", null, ["opened", "synchronize", "reopened", "closed"]],
    ["its own", { types: ["labeled"], paths: ["api/**"] }, ["labeled", "closed"]],
    ["one, not in a list", { types: "labeled" }, ["labeled", "closed"]],
  ])("start on the closing of a pull request, and where it names %s", (_what, settings, types) => {
    const found = { ...adopted("one-image"), on: { pull_request: settings } };
    const { triggers } = planWorkflow({ ...factsOf(found), previews: true });
    const trigger = triggers.find(({ event }) => event === "pull_request");
    expect(trigger?.settings).toEqual({ ...settings, types });
  });
});

describe("the matrix of a job", () => {
  const axis = Array.from({ length: 17 }, (_, index) => index);

  test("is every combination of its values", () => {
    expect(matrixOf({ matrix: { a: axis.slice(0, 16), b: axis.slice(0, 16) } })).toHaveLength(256);
    expect(
      matrixOf({
        matrix: {
          a: axis,
          b: axis,
          exclude: axis.flatMap((a) => [
            { a, b: 0 },
            { a, b: a },
          ]),
        },
      }),
    ).toHaveLength(256);
  });

  test("is not worked out where GitHub would not run it", () => {
    expect(matrixOf({ matrix: { a: axis, b: axis } })).toBe("of more than 256 jobs");
    expect(matrixOf({ matrix: Object.fromEntries(axis.map((name) => [`a${name}`, axis])) })).toBe(
      "of more than 256 jobs",
    );
    expect(matrixOf({ matrix: "${{ fromJSON(needs.plan.outputs.matrix) }}" })).toBe("made while it runs");
  });
});

/** Tags of a service whose workflow runs metadata-action on pushes to trunk and of version tags. */
function tagsOf(
  tags: string,
  flavor = "",
): { version: readonly string[]; branch: readonly string[]; problems: string[] } {
  const inputs = JSON.stringify({ images: "ghcr.io/acme/api", tags, ...(flavor === "" ? {} : { flavor }) });
  const found = adoptText(`
on: { push: { branches: [main], tags: ["v*"] }, schedule: [{ cron: "0 3 * * *" }] }
jobs:
  build:
    steps:
      - { id: meta, uses: docker/metadata-action@v5, with: ${inputs} }
      - { uses: docker/build-push-action@v6, with: { push: true, tags: "\${{ steps.meta.outputs.tags }}" } }
`);
  const { version, branch } = found?.services[0]?.tags ?? { version: [], branch: [] };
  return { version, branch, problems: found?.notCarried.map(({ message }) => message) ?? [] };
}

describe("a run by hand", () => {
  const byHand = (push: string, tags: string): Adopted | undefined =>
    adoptText(`
on: { push: { branches: [main] }, workflow_dispatch: {} }
jobs:
  build:
    steps:
      - { id: meta, uses: docker/metadata-action@v5, with: { images: ghcr.io/acme/api, tags: "${tags}" } }
      - { uses: docker/build-push-action@v6, with: { push: "${push}", tags: "\${{ steps.meta.outputs.tags }}" } }
`);

  test("on another branch is released where it published its name", () => {
    const found = byHand("true", "type=ref,event=branch");
    expect(found?.notCarried).toEqual([]);
    expect(found?.release).toEqual({ events: ["workflow_dispatch"], branches: "all", byHand: "all" });
  });

  test("on another branch moves no tag where only the trunk was published", () => {
    const found = byHand("${{ github.ref == 'refs/heads/main' }}", "type=raw,value=latest");
    expect(found?.notCarried).toEqual([]);
    expect(found?.release.byHand).toBe("trunk");
    const text = renderWorkflow(planWorkflow(factsOf(found ?? expect.unreachable())));
    expect(text).toContain("github.event_name == 'workflow_dispatch' && github.ref_name != 'main' && 'false' || ");
  });

  test("is refused where it gave other branches other tags than the trunk", () => {
    const found = byHand("true", "type=ref,event=branch\\ntype=raw,value=latest,enable={{is_default_branch}}");
    expect(found?.notCarried.map(({ message }) => message)).toEqual([
      expect.stringContaining("+ ghcr.io/acme/api:latest"),
    ]);
  });
});

describe("tags of docker/metadata-action", () => {
  test.each([
    ["type=semver,pattern={{version}}", { version: ["{version}", "latest"], branch: [] }],
    ["type=semver,pattern=v{{major}}", { version: ["v{major}", "latest"], branch: [] }],
    ["type=semver,pattern={{major}}.{{minor}}", { version: ["{major}.{minor}", "latest"], branch: [] }],
    ["type=semver,pattern={{raw}}", { version: ["v{version}", "latest"], branch: [] }],
    ["type=semver,pattern={{version}},suffix=-alpine", { version: ["{version}-alpine", "latest"], branch: [] }],
    ["type=ref,event=branch", { version: [], branch: ["{branch}"] }],
    ["type=ref,event=branch,prefix=b-", { version: [], branch: ["b-main"] }],
    ["type=ref,event=tag", { version: ["v{version}", "latest"], branch: [] }],
    ["type=sha,prefix=", { version: ["{sha}"], branch: ["{sha}"] }],
    ["type=edge", { version: [], branch: ["edge"] }],
    ["type=raw,value=latest,enable={{is_default_branch}}", { version: [], branch: ["latest"] }],
    ["type=raw,value=next", { version: ["next"], branch: ["next"] }],
    ["nightly", { version: ["nightly"], branch: ["nightly"] }],
  ])("%s", (tags, expected) => {
    expect(tagsOf(tags)).toEqual({ ...expected, problems: [] });
  });

  test.each([
    ["type=sha,format=long", /whole id/],
    ["type=raw,value=${{ vars.CHANNEL }}", /only a run knows/],
  ])("%s cannot be expressed", (tags, problem) => {
    expect(tagsOf(tags).problems).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    ["prefix=pg-,onlatest=true", { version: ["pg-{version}", "pg-latest"], branch: ["pg-main"] }],
    ["prefix=pg-", { version: ["pg-{version}", "latest"], branch: ["pg-main"] }],
    [
      "suffix=-alpine,onlatest=true\nlatest=true",
      { version: ["{version}-alpine", "latest-alpine"], branch: ["main-alpine", "latest-alpine"] },
    ],
    ["latest=false,prefix=a-,suffix=-b", { version: ["a-{version}-b"], branch: ["a-main-b"] }],
  ])("have the flavor %j", (flavor, expected) => {
    const { version, branch, problems } = tagsOf("type=semver,pattern={{version}}\ntype=ref,event=branch", flavor);
    expect({ version, branch }).toEqual(expected);
    expect(problems).toEqual([]);
  });

  test("make templates that Slipway takes, whatever the prefix", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{0,5}-?$/),
        fc.constantFrom("semver,pattern={{version}}", "ref,event=branch", "sha"),
        (prefix, type) => {
          const { version, branch } = tagsOf(`type=${type},prefix=${prefix}`, "latest=false");
          for (const template of [...version, ...branch]) expect(isImageTag(template)).toBe(!template.startsWith("-"));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("scripts", () => {
  test("are read through continued lines, quotes, && and substitutions", () => {
    const read = readShellScript(
      'docker buildx build --push -t "a/b:$(git rev-parse --short HEAD)" \\\n  --build-arg "A=b c" . && make x; echo done',
    );
    expect(read?.builds[0]?.context).toBe(".");
    expect(read?.builds[0]?.options.get("tag")).toEqual(["a/b:$(git rev-parse --short HEAD)"]);
    expect(read?.builds[0]?.options.get("build-arg")).toEqual(["A=b c"]);
    expect(read?.others).toEqual(["make x"]);
  });

  test("keep what is quoted in quotes and in expressions", () => {
    const read = readShellScript(
      'docker build --label "a=it\'s" -t \'b c\' --build-arg D=${{ f(\'e\', "g") }} "\\"h" .',
    );
    expect([...(read?.builds[0]?.options.entries() ?? [])]).toEqual([
      ["label", ["a=it's"]],
      ["tag", ["b c"]],
      ["build-arg", ["D=${{ f('e', \"g\") }}"]],
    ]);
  });

  test("without docker build are none of ours", () => {
    expect(readShellScript("npm run build")).toBeUndefined();
  });
});
