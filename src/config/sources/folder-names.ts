import { posix } from "node:path";
import { parseServiceName } from "../project/names.ts";

/** Folder names that describe a location, not a service. */
const meaningless = new Set(
  (
    "src source app apps build builds deploy deployment deployments docker dockerfiles dockerfile container containers " +
    "image images service services package packages cmd ci infra infrastructure ops prod production release rootfs root context oci " +
    "podman files"
  ).split(" "),
);

/** Folders of a variant or a version: `postgres/16/alpine` is `postgres-16-alpine`, not `alpine`. */
const variant =
  /^(?:v?\d[\d.]*|(?:alpine|debian|ubuntu|slim|bookworm|bullseye|buster|trixie|focal|jammy|noble|ubi|rhel|centos|rockylinux|almalinux|amazonlinux|fedora|distroless|linux)[\d.]*)$/;
/** Suffixes that describe a variant, not a service: `Dockerfile.prod` in the folder `api` belongs to `api`. */
const meaninglessSuffixes = new Set("prod production release deploy docker dockerfile".split(" "));

/** Folders without images to release, and their purpose. */
const unshippedFolders: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    tests: "test tests testing testdata test-data __tests__ spec specs e2e integration-tests integration_tests",
    examples: "example examples sample samples demo demos tutorial tutorials playground",
    fixtures: "fixture fixtures __fixtures__ mock mocks",
    "code of others": "vendor node_modules third_party third-party external",
    "a development container": ".devcontainer devcontainer .gitpod",
    documentation: "doc docs documentation website-docs",
    benchmarks: "bench benches benchmark benchmarks",
    templates: "template templates scaffold scaffolding boilerplate",
    "tooling of the repository": ".github .gitlab .circleci .buildkite .ci hack",
  }).flatMap(([what, names]) => names.split(" ").map((name) => [name, what])),
);

const unshippedSuffixes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    "for development": "dev devel development local debug devcontainer gitpod watch hot",
    "for tests": "test tests testing e2e spec integration ci lint bench",
    "for another architecture or system":
      "amd64 arm64 arm64v8 armv7 armhf arm i386 ppc64le s390x riscv64 windows nanoserver windowsservercore",
    "a template": "tmpl template tpl j2 jinja jinja2 in erb mustache hbs envsubst",
    "no Dockerfile":
      "md txt bak orig old example sample swp dist disabled patch sh py go js ts json yaml yml rst html adoc lock rej " +
      "svg png jpg jpeg gif webp ico pdf css scss xml toml ini conf cfg csv log rb rs java kt php pl lua c h cpp cs vue jsx tsx vim " +
      "zip gz tgz tar snap golden out",
  }).flatMap(([why, names]) => names.split(" ").map((name) => [name, why])),
);

/**
 * A file that is called like a Dockerfile: `Dockerfile`, `api.Dockerfile`, `Dockerfile.api`, `Dockerfile-api`, `Dockerfile_api`; the same
 * with `Containerfile`.
 */
export interface DockerfilePath {
  readonly path: string;
  readonly folder: string;
  /** Suffix of the name: `api` for `api.Dockerfile`, `Dockerfile.api` and `Dockerfile-api`. */
  readonly suffix: string | undefined;
}

/** Parses the path of a Dockerfile; undefined for other names. */
export function parseDockerfilePath(path: string): DockerfilePath | undefined {
  const base = posix.basename(path);
  if (!/(?:docker|container)file/i.test(base)) return undefined;
  const suffix =
    /^(?:Docker|Container)file[._-](.+)$/i.exec(base)?.[1] ?? /^(.+)\.(?:Docker|Container)file$/i.exec(base)?.[1];
  if (suffix === undefined && !/^(?:docker|container)file$/i.test(base)) return undefined;
  if (base.toLowerCase().endsWith(".dockerignore")) return undefined;
  return { path, folder: posix.dirname(path), suffix };
}

/** Why a Dockerfile is not released, by its folder or suffix; undefined: it is. */
export function whyUnshipped({ folder, suffix }: DockerfilePath): string | undefined {
  for (const part of folder.split("/")) {
    const what = own(unshippedFolders, part.toLowerCase());
    if (what !== undefined) return `in ${part}/, which holds ${what}`;
  }
  for (const part of (suffix ?? "").toLowerCase().split(/[._-]/).reverse()) {
    const why = own(unshippedSuffixes, part);
    if (why !== undefined) return `its name says "${part}": ${why}`;
  }
  return undefined;
}

const unasked = new Set([
  "for development",
  "for tests",
  "tests",
  "a development container",
  "tooling of the repository",
]);

/**
 * Why a definition's service is not released by default: its Dockerfile or stage is for development, tests or CI. Undefined: it is
 * released.
 */
export function explainUnreleased(dockerfile: string, target: string | undefined): string | undefined {
  for (const part of dockerfile.split("/").slice(0, -1)) {
    const what = own(unshippedFolders, part.toLowerCase());
    if (what !== undefined && unasked.has(what)) return `its Dockerfile is in ${part}/, which holds ${what}`;
  }
  const suffix = parseDockerfilePath(dockerfile)?.suffix ?? "";
  for (const [what, text] of [
    ["its Dockerfile's name", suffix],
    ["its target", target ?? ""],
  ] as const) {
    for (const part of text.toLowerCase().split(/[._-]/)) {
      const why = own(unshippedSuffixes, part);
      if (why !== undefined && unasked.has(why)) return `${what} says "${part}": ${why}`;
    }
  }
  return undefined;
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * Possible names of a Dockerfile's service, shortest first: from its suffix and the nearest folder with a telling name, then with outer
 * folders. At the root: the repository's name. Never empty.
 */
export function nameCandidates(dockerfile: DockerfilePath, repositoryName: string): string[] {
  const { folder, suffix } = dockerfile;
  const folders = folder === "." ? [] : folder.split("/");
  const meaningful = folders.filter((part) => !meaningless.has(part.toLowerCase().replace(/^\./, "")));
  const ownSuffix = suffix === undefined || meaninglessSuffixes.has(suffix.toLowerCase()) ? undefined : suffix;
  const outwards = meaningful.toReversed();
  const chains = outwards.map((_, index) => outwards.slice(0, index + 1).reverse());
  const chain = chains.filter(([first = ""]) => !variant.test(first.toLowerCase()));
  // A folder that is only a variant follows the repository's name.
  const atRoot = chains.length > 0 || ownSuffix === undefined ? [repositoryName, ...(chains.at(-1) ?? [])] : [];
  const stems = chain.length === 0 ? [atRoot] : chain;
  const everything = [
    ...(folders.length === 0 ? [repositoryName] : folders),
    ...(suffix === undefined ? [] : [suffix]),
  ];
  const names = [...stems.map((stem) => [...stem, ...withoutRepeat(stem, ownSuffix)]), everything];
  const parsed = names.map((parts) => parseServiceName(parts.join("-"))).filter((name) => name !== undefined);
  return parsed.length === 0 ? ["service"] : [...new Set(parsed)];
}

/** `api/api.Dockerfile` is `api`, not `api-api`. */
function withoutRepeat(stem: readonly string[], suffix: string | undefined): string[] {
  return suffix === undefined || stem.at(-1)?.toLowerCase() === suffix.toLowerCase() ? [] : [suffix];
}
