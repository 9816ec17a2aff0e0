import type { Random } from "../property/random.ts";
import { type Definition, sourceFiles } from "./definition.ts";

const scalars = (
  "017 0o17 0x1F 0b11 1_000 1.10 1e3 1e6 100000000.0 .5 5. -0 +12 yes no on Y true True FALSE .inf -.inf .nan 1:30:00 ~ null " +
  "20261126225540123 9223372036854775808 18446744073709551616 089 _1 text 'q u' \"d\\tq\" '017' 1__0 0o8 !!str 12 -1.50 0.00001"
)
  .replaceAll("!!str 12", "!!str|12")
  .replaceAll("'q u'", "'q|u'")
  .split(" ")
  .map((scalar) => scalar.replaceAll("|", " "));
const filled = [
  '"${X}"',
  '"${X:-d}"',
  '"${X-d}"',
  '"${Y:+r}"',
  '"${Y+r}"',
  "$X",
  "a$$b",
  '"${N:-${X:-z}}"',
  '"x${X:-1}y${Y:-2}"',
  '"${D:-$$}"',
];
const names = ["A", "B", "C", "D", "E"];
const someServices = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];

/** A Compose project of ten services, with overrides, `include`, `extends`, anchors, `.env` and every form of scalar. */
export function generateCompose(random: Random): Definition {
  const hasOverride = random.chance(0.7);
  const hasInclude = random.chance(0.5);
  // No other service is made from s9.
  const profiles = random.chance(0.3) ? ", profiles: [p]" : "";
  const isOn = random.chance(0.5);
  const services = someServices.map(
    (name, index) => `  ${name}: ${service(random, name, index, name === "s9" ? profiles : "")}`,
  );
  const common = `x-common: &common { args: ${args(random)}, target: ${random.pick(["x", '"${T:-y}"'])} }\n`;
  const include = hasInclude
    ? `include: ${random.pick(["[inc/compose.yaml]", "[{ path: [inc/compose.yaml] }]"])}\n`
    : "";
  const secrets = "secrets: { f: { file: ./lib/x }, e: { environment: X } }\n";
  const more = random.chance(0.2) ? `---\nservices: { s1: { build: { args: ${args(random)} } } }\n` : "";
  const override = someServices
    .filter(() => random.chance(0.5))
    .map((name) => `  ${name}: ${overridden(random, name)}`);
  const files = {
    ...sourceFiles,
    ".env": "X=dotenv-x\nY=\nT=stage\nB=dotenv-b\nQ='single $X'\nR=\"double ${X}\" # comment\n",
    "common.yaml": `services: { base: { build: { context: a, args: ${args(random)}, labels: ${pairs(random)} } } }\n`,
    "compose.yaml": `${common}${include}${secrets}services:\n${services.join("\n")}\n${more}`,
    ...(hasInclude
      ? {
          "inc/.env": "X=include-x\n",
          "inc/compose.yaml": `services: { inc: { image: "r.io/x/inc:\${TAG:-latest}", build: { context: ., args: ${args(random)} } } }\n`,
        }
      : {}),
    ...(hasOverride ? { "compose.override.yaml": `services:\n${override.join("\n") || "  {}"}\n` } : {}),
  };
  const shell = { X: "shell x", C: "shell-c", T: "shell-t" };
  return {
    files,
    bakeFiles: ["compose.yaml", ...(hasOverride ? ["compose.override.yaml"] : [])],
    env: {
      ...Object.fromEntries(Object.entries(shell).filter(() => random.chance(0.4))),
      ...(isOn ? { COMPOSE_PROFILES: "other,p" } : {}),
    },
    targets: [],
    off: profiles === "" || isOn ? [] : ["s9"],
    versionVariable: "TAG",
  };
}

function service(random: Random, name: string, index: number, profiles: string): string {
  const image = random.pick([
    `image: "r.io/x/${name}:\${TAG:-latest}"`,
    `image: "r.io/x/${name}:\${TAG}"`,
    `image: "r.io/x/${name}:v\${TAG:-0.0.0-dev}-alpine"`,
    `image: r.io/x/${name}:1.2.3`,
    `image: r.io/x/${name}`,
    "",
  ]);
  const build = `build: ${random.chance(0.1) ? random.pick(["a", "./b/c", "."]) : buildMap(random, name, index)}`;
  const extended = random.pick([
    ...Array.from({ length: 6 }, () => ""),
    "extends: { file: common.yaml, service: base }",
    index === 0 || image === "" ? "" : "extends: s0",
  ]);
  return `{ ${[image, build, extended].filter((part) => part !== "").join(", ")}${profiles} }`;
}

function buildMap(random: Random, name: string, index: number): string {
  const needed = random.between(0, Math.max(0, index - 1));
  const possible = [
    "dockerfile: Other.Dockerfile",
    `target: ${random.pick(["x", '"${T:-y}"', '"${T}"'])}`,
    `args: ${args(random)}`,
    `args: ${args(random)}`,
    `labels: ${pairs(random)}`,
    `platforms: ${random.pick(["[linux/amd64]", "[linux/arm64, linux/amd64]", '["linux/${ARCH:-amd64}"]'])}`,
    `secrets: ${random.pick(["[f]", "[e, f]", "[{ source: e }]"])}`,
    `network: ${random.pick(["none", "default", "host"])}`,
    `shm_size: ${random.pick(["64m", "1gb", "'128mb'", "65536"])}`,
    `ulimits: ${random.pick(["{ nproc: 3 }", "{ nofile: { soft: 1, hard: 2 }, nproc: 7 }"])}`,
    `extra_hosts: ${random.pick(['["db=10.0.0.2"]', "{ db: 10.0.0.2, h: 10.0.0.3 }", '["db:10.0.0.2"]'])}`,
    `additional_contexts: ${random.pick(["{ l: ./lib }", "[l=lib, i=docker-image://alpine:3]", "{ g: 'https://github.com/a/b.git#v1' }", ...(index === 0 ? [] : [`{ o: "service:s${needed}" }`])])}`,
    `tags: ${random.pick([`["r.io/y/${name}:\${TAG:-dev}", r.io/y/${name}:latest]`, `["r.io/x/${name}:\${TAG:-dev}-b"]`])}`,
  ];
  // A service that extends s0 must not inherit its tags.
  const keys = new Map(
    possible
      .slice(0, index === 0 ? -1 : possible.length)
      .filter(() => random.chance(0.35))
      .map((each) => [each.split(":")[0], each]),
  );
  const merged = random.chance(0.2) ? ["<<: *common"] : [];
  return `{ ${[...merged, `context: ${random.pick(["a", "./b/c", "."])}`, ...keys.values()].join(", ")} }`;
}

function overridden(random: Random, name: string): string {
  return random.pick([
    `{ build: { args: ${args(random)} } }`,
    `{ build: { args: !override ${args(random)} } }`,
    "{ build: { args: !reset null } }",
    "{ build: { args: !reset {} } }",
    "{ build: { target: !reset null } }",
    "{ build: { target: !reset } }",
    "{ build: { target: other, dockerfile: Other.Dockerfile } }",
    `{ build: { labels: ${pairs(random)}, platforms: [linux/arm64] } }`,
    "{ build: { platforms: !override [linux/arm64] } }",
    "{ build: { secrets: [e], extra_hosts: { k: 10.1.1.1 } } }",
    "{ build: { additional_contexts: [z=./lib], ulimits: { nproc: 9 } } }",
    `{ image: r.io/z/${name}:1.2.3 }`,
    "{ build: !override { context: b/c } }",
    "{ build: a }",
    "!reset null",
  ]);
}

function args(random: Random): string {
  return random.chance(0.6)
    ? pairs(random)
    : `[${names
        .filter(() => random.chance(0.5))
        .map((name) =>
          random.pick([name, `${name}=1`, `"${name}=\${X:-d}"`, `"${name}="`, `"${name}=a=b"`, `${name}=017`]),
        )
        .join(", ")}]`;
}

function pairs(random: Random): string {
  const chosen = names.filter(() => random.chance(0.5));
  return `{ ${chosen.map((name) => `${name}: ${random.pick(random.chance(0.6) ? scalars : filled)}`).join(", ")} }`;
}
