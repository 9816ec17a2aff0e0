import { describe, expect, test } from "vitest";
import { SlipwayError } from "../errors.ts";
import { parseInputs } from "./inputs.ts";

function parse(inputs: Readonly<Record<string, string>>) {
  const env = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return parseInputs(Object.fromEntries(env) as Record<string, string>);
}

function faults(inputs: Readonly<Record<string, string>>): string[] {
  try {
    parse(inputs);
  } catch (error) {
    if (error instanceof SlipwayError) return [error.code, ...error.message.split("\n")];
  }
  return [];
}

describe("the inputs", () => {
  test("of a release: empty texts are nothing said", () => {
    expect(parse({ command: "release", services: "", release: "", version: "", force: "", registries: "" })).toEqual({
      command: "release",
      jobs: "single",
      planDigest: undefined,
      services: [],
      force: [],
      cache: undefined,
      token: undefined,
      config: undefined,
      logins: [],
      shadow: false,
      untrusted: false,
      allowDirty: false,
      asked: { release: undefined, version: undefined, versionFrom: undefined },
    });
  });

  test("of a plan: lists by spaces, commas or lines; what a matrix runs on", () => {
    expect(
      parse({
        command: "plan",
        services: "api, web\nworker",
        force: "true",
        "matrix-jobs": "2 1",
        runners: '{"linux/amd64":"fast","linux/arm64":["self-hosted","ARM64"]}',
      }),
    ).toMatchObject({
      services: ["api", "web", "worker"],
      force: true,
      matrixJobs: [2, 1],
      runners: { "linux/amd64": "fast", "linux/arm64": ["self-hosted", "ARM64"] },
    });
  });

  test("of a build: one service on one platform", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const inputs = { services: "api", platform: "linux/arm64/v8", force: "false", "plan-digest": digest };
    expect(parse({ command: "build", ...inputs })).toMatchObject({
      service: "api",
      platform: "linux/arm64",
      force: [],
      planDigest: digest,
    });
  });

  test("log in to registries; a line without secrets is kept apart", () => {
    const registries = "docker.io ada s3cret\nhttps://registry.example.com/v2/ bob pw\nquay.io  \n\n";
    expect(parse({ command: "release", registries }).logins).toEqual([
      { host: "docker.io", user: "ada", password: "s3cret" },
      { host: "registry.example.com", user: "bob", password: "pw" },
      { host: "quay.io", user: "", password: "" },
    ]);
  });
});

describe("faults in the inputs", () => {
  test("are told all at once, with the nearest word that is known", () => {
    const wrong = {
      command: "relase",
      jobs: "matrx",
      release: "yes",
      "matrix-jobs": "0",
      runners: '["ubuntu"]',
      cache: "gah",
      "version-from": "git",
      platform: "linux",
    };
    expect(faults(wrong)).toMatchInlineSnapshot(`
      [
        "usage",
        "input "command": "relase" is not known, did you mean "release"? (one of plan, build, release)",
        "input "jobs": "matrx" is not known, did you mean "matrix"? (one of matrix, single)",
        "input "platform": "linux" is no platform (such as linux/amd64 or linux/arm64)",
        "input "matrix-jobs": "0" is no list of counts (such as "1" or "2 1")",
        "input "runners": "["ubuntu"]" does not map platforms to labels (a JSON map such as {"linux/amd64":"ubuntu-24.04","linux/arm64":"ubuntu-24.04-arm"})",
        "input "cache": --cache "gah": "gah" is no cache tier (auto, none, or some of gha,registry,latest,inline)",
        "input "release": "yes" is not known (one of true, false)",
        "input "version-from": "git" is no source of versions (tag, file, commits, or a file's path)",
      ]
    `);
  });

  test("never show what may be a secret", () => {
    const [code, message = ""] = faults({ command: "plan", registries: "docker.io ada s3cret with spaces" });
    expect(code).toBe("usage");
    expect(message).toBe(
      'input "registries": line 1: not a host, a user and a password with spaces between (ghcr.io needs no line; what a secret holds must have no spaces)',
    );
  });

  test("a build names one service and its platform; nothing else names a platform", () => {
    expect(faults({ command: "build", services: "api web" })).toEqual([
      "usage",
      'input "services": `build` builds one service, not "api web"',
      'input "platform": `build` needs one, such as linux/amd64',
    ]);
    expect(faults({ command: "release", platform: "linux/amd64" })).toEqual([
      "usage",
      'input "platform": it is for `build`, and the command is `release`',
    ]);
    expect(faults({ command: "plan", "plan-digest": `sha256:${"a".repeat(64)}` })).toEqual([
      "usage",
      'input "plan-digest": it is for `build` and `release`, and the command is `plan`',
    ]);
    expect(faults({ command: "release", "plan-digest": "sha256:1" })).toEqual([
      "usage",
      'input "plan-digest": "sha256:1" is no digest (the output `plan-digest` of the job that plans)',
    ]);
  });
});
