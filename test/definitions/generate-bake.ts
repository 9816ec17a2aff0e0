import type { Random } from "../property/random.ts";
import { type Definition, sourceFiles } from "./definition.ts";

/** A bake definition of some ten targets: variables, functions, a matrix, `inherits`, an override, groups; in HCL or JSON. */
export function generateBake(random: Random): Definition {
  const { file, targets } = random.chance(0.25) ? { file: jsonFile(random), targets: [] } : hclFile(random);
  const override = random.chance(0.5)
    ? { "docker-bake.override.hcl": `target "t1" {\n  args = { O = "over-\${X}" }\n  labels = { o = "1" }\n}\n` }
    : {};
  const shell = { X: "shell x", VERSION: "9.9.9-rc.1", REG: "r.io/shell" };
  return {
    files: { ...sourceFiles, ...file, ...override },
    bakeFiles: [],
    env: Object.fromEntries(Object.entries(shell).filter(() => random.chance(0.4))),
    targets,
    off: [],
    versionVariable: "VERSION",
  };
}

function hclFile(random: Random): { file: Record<string, string>; targets: readonly string[] } {
  const fallback = random.pick(["latest", "0.0.0-dev", "", "1.0.0", "edge"]);
  const targets = ["t1", "t2", "t3", "t4", "t5", "t6"].map((name, index) => target(random, name, index));
  const matrix = random.chance(0.6)
    ? `target "m" {
  name = "m-\${item}"
  matrix = { item = ["x", "y"] }
  context = "a"
  args = { ITEM = item }
  tags = ["\${REG}/m-\${item}:\${VERSION}"]
}
`
    : "";
  const isGrouped = random.chance(0.8);
  const all = ["t1", "t2", "t3", "t4", "t5", "t6", ...(matrix === "" ? [] : ["m"])];
  const listed = isGrouped ? all.filter((_, index) => index === 0 || random.chance(0.8)) : all;
  const group = isGrouped
    ? `group "default" { targets = [${random.chance(0.5) ? '"inner"' : listed.map((name) => `"${name}"`).join(", ")}] }
group "inner" { targets = [${listed.map((name) => `"${name}"`).join(", ")}] }
`
    : "";
  const text = `variable "VERSION" { default = ${JSON.stringify(fallback)} }
variable "REG" { default = "r.io/def" }
variable "X" { default = "def-x" }
variable "COUNT" { default = 3 }
function "tag" {
  params = [name]
  result = ["\${REG}/\${name}:\${VERSION}"]
}
${group}target "_common" {
  args = { COMMON = "c", X = X }
  labels = { from = "common" }
  platforms = ["linux/amd64", "linux/arm64"]
}
${matrix}${targets.join("")}`;
  return { file: { "docker-bake.hcl": text }, targets: isGrouped ? [] : all };
}

function target(random: Random, name: string, index: number): string {
  const tags = random.pick([
    `tag("${name}")`,
    `["\${REG}/${name}:\${VERSION}", "\${REG}/${name}:latest"]`,
    `["\${REG}/${name}:v\${VERSION}-alpine"]`,
    `concat(tag("${name}"), notequal("latest", VERSION) ? ["\${REG}/${name}:latest"] : [])`,
    `["\${REG}/${name}:\${split(".", VERSION)[0]}", "\${REG}/${name}:\${VERSION}"]`,
    `["\${REG}/${name}:\${regex_replace(VERSION, "^v", "")}"]`,
    `["\${REG}/ghcr/${name}:\${VERSION}", "\${REG}/hub/${name}:latest"]`,
    `["r.io/l/${name}:1.2.3"]`,
  ]);
  const lines = [
    `  context = "${random.pick(["a", "b/c", "."])}"`,
    `  tags = ${tags}`,
    ...random.some(
      [
        '  inherits = ["_common"]',
        '  dockerfile = "Other.Dockerfile"',
        '  target = "stage-${X}"',
        '  args = { A = "1", B = "${X}-b", N = COUNT, E = "", D = "$${x} %%{y}" }',
        '  labels = { l = "a=b", "x.y" = "${X}" }',
        '  platforms = ["linux/arm64"]',
        '  secret = ["id=s,src=lib/x", "id=e,env=X"]',
        '  network = "none"',
        '  shm-size = "128m"',
        '  ulimits = ["nofile=1024:2048"]',
        '  extra-hosts = { h = "10.0.0.1" }',
        index === 0
          ? '  contexts = { l = "lib" }'
          : `  contexts = { o = "target:t${random.between(1, index)}", l = "./lib", i = "docker-image://alpine:3", g = "https://github.com/a/b.git#v1" }`,
        '  annotations = ["manifest:a=${X}", "b=2"]',
      ],
      0.35,
    ),
  ];
  return `target "${name}" {\n${lines.join("\n")}\n}\n`;
}

function jsonFile(random: Random): Record<string, string> {
  const target = (name: string): object => ({
    context: random.pick(["a", "b/c"]),
    tags: [`r.io/j/${name}:\${VERSION}`, ...(random.chance(0.5) ? [`r.io/j/${name}:latest`] : [])],
    args: { A: "${X}", ...(random.chance(0.5) ? { B: "b" } : {}) },
  });
  const names = ["t1", "t2", "t3"];
  return {
    "docker-bake.json": JSON.stringify({
      variable: { VERSION: { default: random.pick(["latest", ""]) }, X: { default: "def-x" } },
      group: { default: { targets: names } },
      target: Object.fromEntries(names.map((name) => [name, target(name)])),
    }),
  };
}
