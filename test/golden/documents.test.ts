import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documents, makeSchema } from "../../scripts/reference/render-schema.ts";
import { runCli } from "../../src/cli/program.ts";
import type { Digest } from "../../src/model/digest.ts";
import type { Manifest } from "../../src/model/oci.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { parseRecordTag } from "../../src/records/record-names.ts";
import { makeTestRepository, type TestRepository } from "../../src/source/testing/repository.ts";
import { platformObject } from "../../src/model/platform.ts";
import { makeIndex, putImage, testPlatform } from "../../src/testing/test-image.ts";
import { makeWorld, type World } from "../../src/testing/world.ts";
import { readRecording } from "../../src/buildkit/testing/fixtures.ts";
import { imageName } from "../../src/testing/image-name.ts";

// The program runs for real, from the command line to the requests, in a git repository; only the engine and the sockets of the
// registry are stood in for. What it prints is validated as a reader would: with the files of docs/reference.

const reference = resolve(import.meta.dirname, "../../docs/reference");

/** A printed or written document and its schema. */
interface Printed {
  readonly schema: string;
  readonly from: string;
  readonly exitCode: number;
  readonly value: Readonly<Record<string, unknown>>;
}

const printed: Printed[] = [];
let repository: TestRepository;
let world: World;
let registry: Registry;

beforeAll(async () => {
  repository = await makeTestRepository({
    "slipway.yaml": "images: reg.test/shop/{service}\n",
    "api/Dockerfile": "FROM reg.test/os:1 AS app\nARG GREETING=hello\nCOPY . /app\n",
    "api/src/main.js": "console.log('api');\n",
    "web/Dockerfile": "FROM scratch\nCOPY . /\n",
    "web/index.html": "<h1>shop</h1>\n",
    "storefront/Dockerfile": "FROM reg.test/shop/web\nCOPY . /\n",
    "fetcher/Dockerfile": "FROM scratch\nADD https://example.test/data.json /\n",
    "test/Dockerfile": "FROM scratch\nCOPY . /\n",
  });
  world = makeWorld({ at: repository });
  world.docker.plan = ({ dockerfile = "" }) =>
    /^RUN false$/m.test(dockerfile) ? { fail: readRecording("failed-run") } : { progress: readRecording("built") };
  registry = world.registry();
  await world.moveBase("base");
  const scanner = imageName("docker.io/docker/buildkit-syft-scanner");
  const image = await putImage(registry, scanner, { content: "scanner", platform: testPlatform("linux/amd64") });
  const manifests = [{ ...image, platform: platformObject(testPlatform("linux/amd64")) }];
  await registry.putManifest(scanner, "stable-1", makeIndex(manifests));
  await runEverything();
}, 120_000);

afterAll(() => repository.dispose());

async function runEverything(): Promise<void> {
  await run("services", "services");
  await run("init", "init --dry-run");
  await run("publishers", "publishers");
  await run("plan", "plan");
  await run("plan", "plan api --force");
  await run("inputs", "inputs api");
  await run("inputs", "inputs storefront");
  await run("inputs", "inputs fetcher --offline");
  await run("build", "build");
  await run("release", "release 1.0.0 --events .git/events.jsonl");
  await run("release", "release 1.0.0");
  await repository.commit({ "web/index.html": "<h1>new shop</h1>\n" }, "web: A new shop");
  await run("plan", "plan");
  await run("release", "release 1.1.0 --dry-run");
  await run("release", "release 1.1.0 --only web");
  await run("release", "release");
  await run("rollback", "rollback 1.0.0 --dry-run");
  await run("rollback", "rollback 1.0.0");
  await run("rollback", "rollback 1.0.0");
  const other = { content: "by somebody else", platform: testPlatform("linux/amd64") };
  const { digest } = await putImage(registry, imageName("reg.test/shop/web"), other);
  world.memory.setTag("shop/web", "latest", digest);
  await run("status", "status");
  world.memory.setTag("shop/web", "1.1.0", digestIn("shop/web", "1.0.0"));
  await run("status", "status");
  await run("abandon", "abandon 1.1.0 --dry-run");
  await run("abandon", "abandon 1.1.0");
  await run("status", "status");
  await run("sbom", "sbom api");
  await run("layers", "layers web --files");
  await run("verify", "verify 1.0.0");
  await run("pin", "pin 1.0.0 --compose");
  await run("pin", "pin 1.0.0 --helm");
  await repository.commit({ "deploy/web.yaml": "kind: Deployment\n" }, "deploy: Add it");
  await run("pin", "pin 1.0.0 --flux deploy --write");
  await repository.write({ "deployed.txt": `web@${digestIn("shop/web", "1.0.0")} x@sha256:${"0".repeat(64)}` });
  await run("status", "status --deployed deployed.txt");
  await run("history", "history");
  await run("history", "history --service web --since 2020-01-01 --limit 1");
  await run("replay", "replay --build-seconds 60");
  await run("cache-list", "cache list");
  await run("cache-prune", "cache prune");
  await repository.commit({ "web/Dockerfile": "FROM scratch\nCOPY . /\nRUN false\n" }, "web: Break it");
  await run("build", "build");
  await run("release", "release 1.2.0 --events .git/failed.jsonl");
  await run("error", "inputs nothing");
  await run("error", "release 1.0");
  await repository.write({ "slipway.yaml": "imagse: x\nservices: []\n" });
  await run("error", "services");
  keepLines("event", ".git/events.jsonl");
  keepLines("event", ".git/failed.jsonl");
  await keepRecords();
}

function digestIn(repository: string, tag: string): Digest {
  const digest = world.tags(repository)[tag];
  if (digest === undefined) throw new Error(`${repository}:${tag} is not there`);
  return digest;
}

async function run(schema: string, line: string): Promise<void> {
  const made = world.host({ now: () => repository.host.now() });
  const exitCode = await runCli(made, [...line.split(" "), "--json"]);
  const from = `slipway ${line}`;
  try {
    printed.push({ schema, from, exitCode, value: JSON.parse(made.printed.stdout) });
  } catch (error) {
    throw new Error(`${from} printed no JSON:\n${made.printed.stdout}\n${made.printed.stderr}`, { cause: error });
  }
}

function keepLines(schema: string, file: string): void {
  const lines = readFileSync(join(repository.root, file), "utf8").trimEnd().split("\n");
  for (const line of lines) printed.push({ schema, from: file, exitCode: 0, value: JSON.parse(line) });
}

async function keepRecords(): Promise<void> {
  const releases = imageName("reg.test/shop/releases");
  for (const tag of await registry.listTags(releases)) {
    const raw = await registry.getManifest(releases, tag);
    if (raw === undefined || tag.startsWith("promoted.")) continue;
    const { layers } = JSON.parse(new TextDecoder().decode(raw.bytes)) as Manifest;
    const [layer] = layers;
    const value: unknown = JSON.parse(Buffer.from(layer?.data ?? "", "base64").toString());
    const kind = parseRecordTag(tag)?.kind;
    const schema =
      kind === "rollback" ? "rollback-record" : kind === "abandonment" ? "abandonment-record" : "release-manifest";
    printed.push({ schema, from: tag, exitCode: 0, value: value as Printed["value"] });
  }
}

/** A validator of the published schema, and of the same that takes no field it does not name. */
const validators = new Map(
  documents.map((document) => {
    const text = readFileSync(join(reference, `${document.name}.schema.json`), "utf8");
    return [document.name, { open: compile(JSON.parse(text)), closed: compile(makeSchema(document, true)) }];
  }),
);

function compile(schema: object): ValidateFunction {
  return new Ajv2020({ strict: true, strictTuples: false, allErrors: true, validateFormats: false }).compile(schema);
}

function faults(schema: string, value: unknown, form: "open" | "closed" = "closed"): string[] {
  const validate = validators.get(schema)?.[form];
  if (validate === undefined) throw new Error(`there is no schema ${schema}`);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

describe("everything that is printed with --json fits its schema:", () => {
  test.each(documents.map(({ name }) => name))("%s", (name) => {
    const own = printed.filter(({ schema }) => schema === name);
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(({ from, value }) => faults(name, value).map((fault) => `${from}: ${fault}`))).toEqual([]);
  });

  test("commands end with the exit code that goes with what they print", () => {
    const codes = printed.map(({ schema, from, exitCode }) => `${exitCode} ${schema} ${from}`);
    const isWrong = (line: string): boolean =>
      line.includes(" error ") ? !line.startsWith("2") : !line.startsWith(line.includes("1.2.0") ? "1" : "0");
    expect(codes.filter(isWrong)).toEqual([
      // No layer of these images is a tar.
      "1 layers slipway layers web --files",
      "1 verify slipway verify 1.0.0",
      "1 build slipway build",
    ]);
  });
});

describe("a schema notices", () => {
  const each = documents.map(({ name }) => name);

  test.each(each)("a field that is gone from %s", (name) => {
    for (const { value } of printed.filter(({ schema }) => schema === name)) {
      for (const key of Object.keys(value)) {
        const { [key]: _gone, ...rest } = value;
        if (!isOptional(name, value, key)) expect(faults(name, rest, "open")).not.toEqual([]);
      }
    }
  });

  test.each(each)("a field that it does not know in %s, when it is asked to", (name) => {
    for (const { value } of printed.filter(({ schema }) => schema === name)) {
      expect(faults(name, { ...value, surprise: 1 })).not.toEqual([]);
      expect(faults(name, { ...value, surprise: 1 }, "open")).toEqual([]);
    }
  });
});

/** Of events, and of inputs: nothing uncounted reaches most builds. */
function isOptional(name: string, value: Printed["value"], key: string): boolean {
  if (name === "status" && key === "deployed") return true;
  if (name === "release-manifest" && key === "bases") return true;
  const { kind } = value;
  if (name === "inputs") return key === "uncounted";
  return name === "event" && ((kind === "warning" && key === "service") || (kind === "tag" && key === "because"));
}

describe("the documents say", () => {
  const documentOf = (from: string): Printed["value"] => {
    const found = printed.find((each) => each.from === `slipway ${from}`);
    if (found === undefined) throw new Error(`slipway ${from} was not run`);
    return found.value;
  };

  test("services: what was found and what was left out", () => {
    expect(documentOf("services")).toMatchObject({
      services: [
        { service: "api", context: "api", dockerfile: "api/Dockerfile", target: null, needs: [] },
        { service: "fetcher" },
        { service: "storefront", images: ["reg.test/shop/storefront"], needs: ["web"], platforms: ["linux/amd64"] },
        { service: "web" },
      ],
      leftOut: [{ path: "test/Dockerfile" }],
    });
  });

  test("plan: dependants after what they need", () => {
    const { steps } = documentOf("plan") as { steps: { service: string; kind: string }[] };
    const order = steps.map(({ service }) => service);
    expect(order.indexOf("storefront")).toBeGreaterThan(order.indexOf("web"));
    expect(steps.find(({ service }) => service === "storefront")?.kind).toBe("pending");
  });

  test("inputs: files from the root, sorted by code unit", () => {
    const { files, args, bases } = documentOf("inputs api") as {
      files: { path: string }[];
      args: object;
      bases: { reference: string }[];
    };
    expect(files.map(({ path }) => path)).toEqual(["api/Dockerfile", "api/src/main.js"]);
    expect(args).toEqual({ GREETING: "hello" });
    expect(bases.map(({ reference }) => reference)).toEqual(["reg.test/os:1"]);
    expect(documentOf("inputs fetcher --offline")).toMatchObject({
      fingerprint: null,
      volatile: { because: expect.any(String) },
    });
  });

  test("release: what was built, what failed, and that nothing moved then", () => {
    expect(documentOf("release 1.0.0 --events .git/events.jsonl")).toMatchObject({ state: "released" });
    expect(documentOf("release 1.0.0")).toMatchObject({ state: "already" });
    expect(documentOf("release 1.1.0 --dry-run")).toMatchObject({ state: "dry-run" });
    const failed = documentOf("release 1.2.0 --events .git/failed.jsonl");
    expect(failed).toMatchObject({ state: "failed", releases: [] });
    const outcomes = (failed["services"] as { service: string; outcome: string }[]).map(
      ({ service, outcome }) => `${service} ${outcome}`,
    );
    expect(outcomes.sort()).toEqual(["api reused", "fetcher built", "storefront cancelled", "web failed"]);
  });

  test("error: each fault of a file with its place", () => {
    const { error } = documentOf("inputs nothing") as { error: { code: string; hint: string } };
    expect(error).toMatchObject({ code: "usage", message: 'there is no service "nothing"' });
    const { value } = printed.find(({ schema, from }) => schema === "error" && from === "slipway services") ?? {
      value: {},
    };
    expect(value).toMatchObject({
      error: {
        code: "configuration",
        diagnostics: expect.arrayContaining([expect.objectContaining({ file: "slipway.yaml", line: 1, column: 1 })]),
      },
    });
  });
});
