import { expect, test } from "vitest";
import { shellText, type ShellText } from "../shell/expand-word.ts";
import { tagsOfBake } from "./bake-tags.ts";

const file = `
variable "TAG" { default = "dev" }
variable "REPO" {
  default = "acme" // the owner
}
group "default" { targets = ["api", "web"] }
target "_base" {
  tags = ["\${REPO}/base:\${TAG}"]
  args = { A = "x", B = upper("y") }
}
target "api" {
  inherits = ["_base"]
  tags = [
    "\${REPO}/api:\${TAG}", # both
    "\${REPO}/api:latest",
  ]
}
target "web" { inherits = ["_base"] }
target "many" {
  matrix = { v = ["1", "2"] }
  tags = ["a:\${v}"]
}
target "made" { tags = ["a:\${lower(TAG)}"] }
target "chosen" { tags = TAG == "dev" ? ["a"] : ["b"] }
`;

function tags(
  targets: readonly string[],
  given: { set?: string; env?: Readonly<Record<string, ShellText>>; files?: readonly string[]; more?: string } = {},
): string[] | undefined {
  const { set, env = {}, files = [], more } = given;
  const texts: Readonly<Record<string, string>> = {
    "docker-bake.hcl": file,
    ...(more === undefined ? {} : { [more]: "" }),
  };
  const command = {
    kind: "bake",
    how: "bake",
    files: files.map(shellText),
    targets: targets.map(shellText),
    set: set === undefined ? [] : [shellText(set)],
    pushes: true,
  } as const;
  const around = { folder: shellText("."), variables: new Map(Object.entries(env)) };
  return tagsOfBake(command, around, { paths: new Set(Object.keys(texts)), read: (path) => texts[path] })?.map(
    ({ text }) => text,
  );
}

const env = { TAG: shellText("1.2.3"), REPO: shellText("ghcr.io/acme") };

test.each<readonly [what: string, found: string[] | undefined, wanted: readonly string[] | undefined]>([
  [
    "the default group",
    tags([], { env }),
    ["ghcr.io/acme/api:1.2.3", "ghcr.io/acme/api:latest", "ghcr.io/acme/base:1.2.3"],
  ],
  ["one target", tags(["web"], { env, files: ["./docker-bake.hcl"] }), ["ghcr.io/acme/base:1.2.3"]],
  ["a default", tags(["web"]), ["${REPO:-acme}/base:${TAG:-dev}"]],
  ["a matrix", tags(["many"]), undefined],
  ["a function", tags(["made"]), undefined],
  ["a choice", tags(["chosen"]), undefined],
  ["a target that is not there", tags(["gone"]), undefined],
  ["tags that the command sets", tags(["web"], { set: "web.tags=x" }), undefined],
  [
    "another setting of the command",
    tags(["web"], { set: "*.platform=linux/arm64", env }),
    ["ghcr.io/acme/base:1.2.3"],
  ],
  ["a second file that bake reads", tags(["web"], { more: "docker-bake.override.hcl" }), undefined],
])("the tags of %s are those that bake prints, or unknown", (_, found, wanted) => expect(found).toEqual(wanted));
