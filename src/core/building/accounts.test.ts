import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildEnvironment } from "../../buildkit/environment.ts";
import { type Flag, type FlagAccount, flagAccounts } from "../../buildkit/flag-accounts.ts";
import type { WrittenService } from "../../config/written/written.ts";
import { uncountedBase } from "../../dockerfile/syntax/counted-text.ts";
import type { Inputs } from "../../model/inputs.ts";
import { readPublishedInputs } from "../../images/published-inputs.ts";
import { blobDigest } from "../../source/tree/working-tree.ts";
import { makeShop } from "../testing/shop.ts";

const dockerfile = `FROM reg.test/os:1 AS tools
ARG MODE
FROM tools AS run
ARG MODE
ARG COMMIT
COPY src run.sh /src/
COPY --from=lib . /lib/
COPY --from=code . /code/
RUN make
FROM tools AS other
# of another stage
RUN other
`;

const files = {
  "app/Dockerfile": dockerfile,
  "app/.dockerignore": "**/*.md\n",
  "app/src/main.txt": "main",
  "app/src/notes.md": "left out",
  "app/run.sh": { script: "run" },
  "app/src/link": { link: "main.txt" },
  "copy/src/main.txt": "main",
  "copy/run.sh": { script: "run" },
  "copy/src/link": { link: "main.txt" },
  "lib/one.txt": "1",
  "lib/two/three.txt": "3",
  "other/Dockerfile": "FROM reg.test/os:1\nCOPY one.txt /\n",
  ".npmrc": "token",
} as const;

const commit = "c0ffee0000000000000000000000000000000000";

/** Everything that a definition can say of one service. */
const whole = {
  context: "app",
  dockerfile: "app/Dockerfile",
  target: "run",
  platforms: ["linux/amd64"],
  args: {
    MODE: "fast",
    UNUSED: "1",
    HTTP_PROXY: "http://proxy.test",
    BUILDKIT_CONTEXT_KEEP_GIT_DIR: "0",
    COMMIT: { value: "1", stamp: true },
  },
  contexts: { lib: { folder: "lib" }, code: { git: `https://git.test/code.git#${commit}` } },
  secrets: [{ id: "npmrc", file: ".npmrc" }],
  ssh: ["default"],
  labels: { team: "shop" },
  annotations: { team: "shop" },
  network: "none",
  extraHosts: ["db:10.0.0.1"],
  ulimits: ["nofile=1:2"],
  shmSize: "64m",
};

/** For each setting that can be written other values, or that it reaches no build. */
const changes: Readonly<Record<keyof WrittenService, readonly unknown[] | "reaches no build">> = {
  context: ["copy"],
  dockerfile: ["app/other.Dockerfile", "app/uncounted.Dockerfile"],
  target: ["other"],
  platforms: [["linux/arm64"]],
  args: [
    { ...whole.args, MODE: "slow" },
    { ...whole.args, UNUSED: "2" },
    { ...whole.args, HTTP_PROXY: "http://elsewhere.test" },
    { ...whole.args, BUILDKIT_CONTEXT_KEEP_GIT_DIR: "1" },
    { ...whole.args, COMMIT: { value: "2", stamp: true } },
  ],
  contexts: [
    { ...whole.contexts, lib: { folder: "lib/two" } },
    { ...whole.contexts, code: { git: `https://git.test/code.git#${commit.replace("c", "d")}` } },
  ],
  secrets: [[{ id: "npmrc", env: "NPMRC" }], [{ id: "other", file: ".npmrc" }]],
  ssh: [["default=.npmrc"], ["other=.npmrc"]],
  labels: [{ team: "other" }, { more: "1" }],
  annotations: [{ team: "other" }],
  network: ["default"],
  extraHosts: [["db:10.0.0.2"], ["db:10.0.0.1", "db:10.0.0.2"], ["db:10.0.0.2", "db:10.0.0.1"]],
  ulimits: [["nofile=1:3"]],
  shmSize: ["128m"],
  cache: [["inline"], []],
  images: [["reg.test/shop/elsewhere"]],
  generated: "reaches no build",
  bases: "reaches no build",
  refresh: "reaches no build",
  sbom: ["off"],
  needs: "reaches no build",
  tags: "reaches no build",
  group: "reaches no build",
};

interface Built {
  readonly args: readonly string[];
  readonly inputs: Inputs;
  /** The lines of the Dockerfile that was handed over. */
  readonly dockerfile: readonly string[];
  /** The files of each context (empty: the build context) by their path in it. */
  readonly staged: readonly {
    readonly context: string;
    readonly path: string;
    readonly mode: string;
    readonly digest: string;
  }[];
}

test("every flag, variable and staged byte of a build is counted, or on the list of what is not", async () => {
  const variants: Record<string, object> = { whole };
  for (const [setting, values] of Object.entries(changes)) {
    if (values === "reaches no build") continue;
    for (const [index, value] of values.entries()) {
      variants[`${setting.toLowerCase()}-${index}`] = { ...whole, [setting]: value };
    }
  }
  const built = await buildAll(variants);
  const first = built.get("whole");
  if (first === undefined) throw new Error("nothing was built");
  for (const [name, each] of built) {
    expect(
      [...accountsOf(each)].filter(([, account]) => account === undefined),
      name,
    ).toEqual([]);
    expect(uncountedFiles(each), name).toEqual([]);
    expect(uncountedLines(each), name).toEqual([]);
    if (each.inputs.fingerprint !== first.inputs.fingerprint) continue;
    // With equal fingerprints nothing may differ but what is on the list.
    expect(each.dockerfile, name).toEqual(first.dockerfile);
    const [mine, theirs] = [accountsOf(each), accountsOf(first)];
    const differing = [...mine, ...theirs].filter(([item]) => !(mine.has(item) && theirs.has(item)));
    expect(
      differing.filter(([, account]) => account === "counted"),
      name,
    ).toEqual([]);
  }
  const counted = [...built].filter(([, { inputs }]) => inputs.fingerprint === first.inputs.fingerprint);
  expect(counted.map(([name]) => name).sort()).toEqual([
    "args-1",
    "args-2",
    "args-4",
    "cache-0",
    "cache-1",
    "context-0",
    "dockerfile-1",
    "images-0",
    "sbom-0",
    "secrets-0",
    "ssh-0",
    "whole",
  ]);
});

test("of the environment, no variable of buildx or BuildKit passes that is not on the list", () => {
  const env = {
    EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: "policy.json",
    BUILDX_SOMETHING_NEW: "1",
    BUILDKIT_SYNTAX: "evil",
    SOURCE_DATE_EPOCH: "1",
    DOCKER_DEFAULT_PLATFORM: "linux/arm64",
    BUILDX_BUILDER: "pool",
    DOCKER_HOST: "tcp://127.0.0.1:1",
    NPM_TOKEN: "of a secret",
  };
  const changed = buildEnvironment(env);
  const left = Object.entries({ ...env, ...changed }).filter(([, value]) => value !== undefined);
  expect(left.map(([name]) => name).sort()).toEqual([
    "BUILDX_BUILDER",
    "BUILDX_METADATA_PROVENANCE",
    "DOCKER_HOST",
    "NPM_TOKEN",
  ]);
});

/** Builds a service for each variant, and reads what BuildKit was handed and what was counted. */
async function buildAll(variants: Readonly<Record<string, object>>): Promise<ReadonlyMap<string, Built>> {
  const services = Object.fromEntries(
    Object.entries(variants).map(([name, settings]) => [name, { images: `reg.test/shop/${name}`, ...settings }]),
  );
  const world = await makeShop({
    ...files,
    "app/other.Dockerfile": dockerfile.replace("RUN make", "RUN make all"),
    "app/uncounted.Dockerfile": dockerfile.replace("another stage", "no stage").replace("RUN other", "RUN another"),
    "slipway.yaml": JSON.stringify({ releases: "reg.test/shop/releases", services }),
  });
  const staged = new Map<string, Pick<Built, "staged" | "dockerfile">>();
  world.docker.plan = ({ service, args }) => {
    const [file = ""] = valuesOf(args, "--file");
    staged.set(service, { staged: readStaged(args), dockerfile: readFileSync(file, "utf8").split("\n") });
    return undefined;
  };
  const result = await world.release({ version: "1.0.0" });
  const released = result.releases.flatMap(({ manifest }) => manifest.services);
  const built = new Map<string, Built>();
  for (const { service, args } of world.docker.builds) {
    const { images: [image] = [], platforms: [platform] = [] } =
      released.find((each) => each.service === service) ?? {};
    if (image === undefined || platform === undefined) throw new Error(`${service} was not released`);
    const inputs = await readPublishedInputs(world.registry(), image, platform.fingerprint);
    if (inputs === undefined) throw new Error(`the inputs of ${service} were not published`);
    built.set(service, { args, inputs, ...(staged.get(service) ?? { staged: [], dockerfile: [] }) });
  }
  expect([...built.keys()].sort()).toEqual(Object.keys(variants).sort());
  return built;
}

/** Everything below the folders that BuildKit is handed, by context and path in it. */
function readStaged(args: readonly string[]): Built["staged"] {
  const named = valuesOf(args, "--build-context").flatMap((pair): [string, string][] => {
    const [name, value] = splitPair(pair);
    return value.startsWith("/") ? [[name, value]] : [];
  });
  const roots: readonly [string, string][] = [["", args.at(-1) ?? ""], ...named];
  return roots.flatMap(([context, root]) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).flatMap((path) => {
      const place = join(root, path);
      const found = lstatSync(place);
      if (found.isDirectory()) return [];
      const mode = found.isSymbolicLink() ? "120000" : `100${(found.mode & 0o7777).toString(8)}`;
      const content = found.isSymbolicLink() ? Buffer.from(readlinkSync(place)) : readFileSync(place);
      return [{ context, path, mode, digest: blobDigest(content, "sha1") }];
    }),
  );
}

/** Staged files that are not among the counted ones of their context, with the same mode and content. */
function uncountedFiles({ staged, inputs }: Built): unknown[] {
  const roots = new Map(inputs.contexts.map(({ name, of }) => [name, of]));
  const root = (context: string | undefined): string =>
    context === undefined ? (inputs.settings["context"] ?? "") : (roots.get(context) ?? "");
  const counted = new Set(
    inputs.files.map(({ context, path, mode, digest }) =>
      JSON.stringify([context ?? "", path.slice(root(context).length + 1), mode, digest]),
    ),
  );
  const found = staged.map(({ context, path, mode, digest }) => JSON.stringify([context, path, mode, digest]));
  return [...found.filter((each) => !counted.has(each)), ...[...counted].filter((each) => !found.includes(each))];
}

/** Lines of the Dockerfile that are no instruction that counts, no stage without a base, and not blank. */
function uncountedLines({ dockerfile: lines, inputs }: Built): string[] {
  const isEmptyStage = (line: string): boolean => line.startsWith(`FROM ${uncountedBase}`);
  return lines.filter((line) => line !== "" && !isEmptyStage(line) && !inputs.instructions.includes(line));
}

function valuesOf(args: readonly string[], flag: Flag): string[] {
  return args.flatMap((arg, index) => (arg === flag ? [args[index + 1] ?? ""] : []));
}

function splitPair(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** Every flag with its value, and how it is accounted for; undefined: it is not. */
function accountsOf({ args, inputs }: Built): ReadonlyMap<string, FlagAccount | undefined> {
  const accounts = new Map<string, FlagAccount | undefined>();
  const words = args.slice(2, -1);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [name, joinedValue] = word.includes("=") ? splitPair(word) : [word];
    const flag = Object.keys(flagAccounts).find((each): each is Flag => each === name);
    if (flag === undefined) {
      accounts.set(word, undefined);
      continue;
    }
    const value = joinedValue ?? (flag === "--no-cache" ? "" : (words.shift() ?? ""));
    const account = flagAccounts[flag];
    accounts.set(`${flag} ${value}`, account === "by value" ? accountOfValue(flag, value, inputs) : account);
  }
  return accounts;
}

function accountOfValue(flag: Flag, pair: string, inputs: Inputs): FlagAccount | undefined {
  const [name, value] = splitPair(pair);
  switch (flag) {
    case "--build-arg":
      if (inputs.args[name] === value) return "counted";
      // An arg that is declared and has another value than the counted one is a fault.
      if (inputs.args[name] !== undefined) return undefined;
      return inputs.uncounted?.find((each) => each.name === name && each.what !== "unread")?.what;
    case "--build-context": {
      const context = inputs.contexts.find((each) => each.name === name);
      const base = inputs.bases.find((each) => each.reference === name);
      if (context?.kind === "folder") return value.startsWith("/") ? "folder name" : undefined;
      if (context?.kind === "git") return value.endsWith(`#${context.digest ?? ""}`) ? "counted" : undefined;
      return base?.digest != null && value.includes("@sha256:") ? "source of a digest" : undefined;
    }
    case "--label":
      if (inputs.settings[`label:${name}`] === value) return "counted";
      return /^(?:dev\.slipway\.service|org\.opencontainers\.image\..*)$/.test(name) ? "own label" : undefined;
    case "--secret": {
      const id = /^id=([^,]*),/.exec(pair)?.[1] ?? "";
      return inputs.settings["secrets"]?.split(",").includes(id) === true ? "secret" : undefined;
    }
    case "--ssh": {
      const [id = ""] = pair.split("=");
      return inputs.settings["ssh"]?.split(",").includes(id) === true ? "ssh" : undefined;
    }
    case "--file":
      return "folder name";
    default:
      return undefined;
  }
}
