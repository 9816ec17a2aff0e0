import { expect, test } from "vitest";
import { parseMakefile, recipeOf } from "./makefile.ts";

function recipe(
  text: string,
  target: string,
  given: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): string[] | undefined {
  const files: Readonly<Record<string, string>> = { Makefile: text, "common.mk": "REGISTRY ?= quay.io/acme\n" };
  const makefile = parseMakefile("Makefile", (path) => files[path], new Map(Object.entries(env)));
  const lines =
    makefile === undefined
      ? undefined
      : recipeOf(makefile, target === "" ? (makefile.goal ?? "") : target, new Map(Object.entries(given)));
  return lines?.map((line) => line.text);
}

test.each<readonly [what: string, text: string, target: string, lines: readonly string[] | undefined]>([
  [
    "variables",
    "TAG := 1\nIMAGE = acme/api:$(TAG)\npush:\n\tdocker push $(IMAGE)\n",
    "push",
    ["docker push acme/api:1"],
  ],
  ["what a target needs first", "a: b\n\ta\nb:\n\t@b\n", "a", ["b", "a"]],
  ["the first target", ".PHONY: x\nx:\n\tx\n", "", ["x"]],
  ["a pattern", "push-%:\n\tdocker push acme/$*\n", "push-api", ["docker push acme/api"]],
  ["an included file", "include common.mk\nx:\n\tpush ${REGISTRY}\n", "x", ["push quay.io/acme"]],
  ["continued lines", "x:\n\tdocker build \\\n\t  -t a .\n", "x", ["docker build \\\n  -t a ."]],
  ["a variable that is not known", "x:\n\tpush $(TAG) $$HOME\n", "x", ["push $(TAG) $HOME"]],
  [
    "a call",
    "define build\ndocker build -t $(1) .\nendef\nx:\n\t$(call build,acme/api)\n",
    "x",
    ["docker build -t acme/api .\n"],
  ],
  ["an expression of a workflow", "TAG = ${{ inputs.tag }}\nx:\n\tpush $(TAG)\n", "x", ["push ${{ inputs.tag }}"]],
  ["a circle", "a: b\n\ta\nb: a\n\tb\n", "a", ["b", "a"]],
  ["a variable that names itself", "A = $(A)\nx:\n\t$(A)\n", "x", ["$(A)"]],
  ["no such target", "x:\n\tx\n", "y", undefined],
])("a makefile with %s", (_, text, target, lines) => expect(recipe(text, target)).toEqual(lines));

test("what make is given counts more than the makefile, and a default less than the environment", () => {
  const text = "TAG ?= 1\nNAME = api\nx:\n\tpush $(NAME):$(TAG)\n";
  expect(recipe(text, "x", { NAME: "web" }, { TAG: "2" })).toEqual(["push web:2"]);
});
