import { describe, expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import type { Inputs } from "../model/inputs.ts";
import type { Plan } from "../model/plan.ts";
import type { Service } from "../model/service.ts";
import { renderInputs } from "./render-inputs.ts";
import { renderPlan, renderServicePlan } from "./render-plan.ts";
import { renderServices } from "./render-services.ts";
import type { Status } from "../model/status-document.ts";
import { renderStatus } from "./render-status.ts";
import { makeStyle } from "./style.ts";
import { amd64, arm64, makeTestStep, plan } from "./testing/script.ts";
import { withoutSequences } from "../formats/terminal-text.ts";
import { plainResult } from "./plain-values.ts";
import { displayWidth } from "./text.ts";
import { imageName } from "../testing/image-name.ts";
import { makeService } from "../inputs/testing/service.ts";

const style = makeStyle(false);
const narrow = makeStyle(false, { columns: 60 });

const changed: Plan = {
  ...plan,
  steps: [
    {
      ...makeTestStep(
        "api",
        "build",
        {
          kind: "inputs-changed",
          changes: [
            { what: "file", name: "api/src/main.ts", change: "changed" },
            { what: "file", name: "api/src/new.ts", change: "added" },
            { what: "file", name: "lib/größe.ts", change: "removed" },
            { what: "instruction", name: "RUN npm ci --omit=dev", change: "changed" },
            { what: "base", name: "node:24-slim", change: "changed" },
          ],
        },
        [amd64, arm64],
      ),
      uncounted: [
        { what: "proxy", name: "HTTP_PROXY", from: "build args" },
        { what: "stamp", name: "GIT_SHA", from: "build args" },
      ],
    },
    ...plan.steps,
  ],
};

function service(name: string, rest: Partial<Service> = {}): Service {
  const dockerfile = `services/${name}/Dockerfile`;
  return makeService({ name, dockerfile, images: [imageName(`ghcr.io/acme/shop/${name}`)], ...rest });
}

const project = {
  services: [
    service("api", { needs: ["base"], platforms: [amd64, arm64], target: "runtime" }),
    service("base"),
    service("web", { images: [imageName("ghcr.io/acme/shop/web"), imageName("acme/web")] }),
  ],
  leftOut: [
    { path: "services/api/test/Dockerfile", because: "in a folder of tests" },
    { path: "odd\nname/Dockerfile", because: "no image name can be made of it" },
  ],
  source: "compose.yaml",
};

const unplannable = [
  {
    service: "api",
    because: 'api/Dockerfile:2: ADD "target/*.jar": nothing matches in context "api"',
    hint: "commit it",
  },
  { service: "web", because: "web/Dockerfile:1: no", hint: null },
];

const inputs: Inputs = {
  service: "api",
  platform: amd64,
  fingerprint: digestOf("fingerprint"),
  files: [
    { path: "api/größe.ts", mode: "100644", digest: `sha1:${"a1".repeat(20)}` },
    { path: "api/run.sh", mode: "100755", digest: `sha1:${"b2".repeat(20)}+lf` },
    { path: "api/run.sh", mode: "100755", digest: `sha1:${"b2".repeat(20)}+lf`, context: "lib" },
  ],
  args: { NODE_ENV: "production" },
  bases: [{ reference: "docker.io/library/node:24-slim", digest: digestOf("node") }],
  contexts: [{ name: "lib", kind: "service", of: "base", digest: null }],
  volatile: { because: "ADD https://example.com/x.tgz has no checksum" },
  instructions: ["FROM node:24-slim", "RUN <<EOF\necho hello\nEOF"],
  settings: { algorithm: "2", target: "runtime" },
  uncounted: [
    { what: "proxy", name: "HTTP_PROXY", from: "config.json of the Docker client" },
    { what: "stamp", name: "GIT_SHA", from: "build args" },
  ],
};

const released = (origin: "built" | "reused", ageSeconds: number) => ({
  service: origin === "built" ? "api" : "worker",
  images: [],
  builtAt: "2026-01-10T09:00:00.000Z",
  digest: digestOf(origin),
  origin,
  commit: "fedcba9876543210fedcba9876543210fedcba98",
  ageSeconds,
});

const status: Status = {
  releases: [
    {
      record: "v1.2.0",
      group: "default",
      version: "1.2.0",
      branch: null,
      commit: plan.commit,
      releasedAt: "2026-01-10T09:00:00.000Z",
      isFinished: false,
      state: "unfinished",
      services: [released("built", 10_900), released("reused", 12 * 86_400)],
    },
    {
      record: "branch.main.00000012.0123456789ab",
      group: "default",
      version: null,
      branch: "main",
      commit: plan.commit,
      releasedAt: "2026-01-02T09:00:00.000Z",
      isFinished: true,
      state: "finished",
      services: [released("reused", 12 * 86_400)],
    },
  ],
  rollbacks: [{ record: "rollback.000001.01234567.v1.1.0", to: "v1.1.0", decidedAt: "2026-01-10T11:59:30.000Z" }],
  tags: [
    tagView("api", "1.2", null),
    tagView("worker", "1.2", null),
    { ...tagView("api", "edge", null), release: "v1.1.0", rollback: "rollback.000001.01234567.v1.1.0" },
    { ...tagView("api", "latest", "not moved yet"), isAt: digestOf("older") },
    { ...tagView("worker", "1.2.0", "not created yet"), kind: "version", isAt: null },
    { ...tagView("api", "1.2.0", null), kind: "version" },
  ],
  unfinished: ["v1.2.0"],
  spoilt: [],
  abandonments: [],
};

function tagView(name: string, tag: string, wrong: string | null) {
  const digest = digestOf(name);
  const image = imageName(`ghcr.io/acme/shop/${name}`);
  return {
    service: name,
    image,
    tag,
    kind: "moving" as const,
    isAt: digest,
    belongsAt: digest,
    release: "v1.2.0",
    rollback: null,
    wrong,
  };
}

const now = "2026-01-10T12:00:00.000Z";
const results = [
  ["plan", (given: typeof style) => renderPlan(changed, given)],
  ["plan-service", (given: typeof style) => renderServicePlan(changed, "api", given)],
  ["services", (given: typeof style) => renderServices(plainResult({ ...project, unplannable }), given)],
  ["inputs", (given: typeof style) => renderInputs(plainResult(inputs), given)],
  ["status", (given: typeof style) => renderStatus(status, given, now)],
] as const;

describe.each(results)("the result of %s", (name, render) => {
  test("reads well", async () => {
    await expect(`${render(style)}\n`).toMatchFileSnapshot(`golden/result-${name}.golden.txt`);
  });

  test("says the same in colour", () => {
    expect(render(makeStyle(true))).not.toBe(render(style));
    expect(withoutSequences(render(makeStyle(true)))).toBe(render(style));
  });
});

describe("results", () => {
  test("of a plan fit a narrow terminal", () => {
    const lines = renderPlan(changed, narrow).split("\n");
    expect(Math.max(...lines.map(displayWidth))).toBe(60);
  });

  test("of nothing say so", () => {
    expect(renderPlan({ ...plan, steps: [] }, style)).toBe("no services");
    expect(renderServices({ ...project, services: [], leftOut: [], unplannable: [] }, style)).toContain(
      "no services found",
    );
    expect(renderStatus({ ...status, releases: [] }, style, now)).toBe("no releases yet");
  });

  test("of inputs that were not looked up say that there is no fingerprint", () => {
    expect(renderInputs({ ...inputs, fingerprint: null, bases: [{ reference: "node", digest: null }] }, style)).toMatch(
      /fingerprint not known[^]*node {2}not looked up/,
    );
  });
});
