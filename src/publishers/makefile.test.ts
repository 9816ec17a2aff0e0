import { expect, test } from "vitest";
import { recipeOf } from "./makefile.ts";
import { parseMakefile } from "./parse-makefile.ts";

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

test.each<readonly [what: string, text: string, lines: readonly string[]]>([
  [
    "holds for the target and for what it needs, and for no other",
    "TAG = 1\nall: a b\nb: TAG = 2\nb: c\n\tb $(TAG)\na:\n\ta $(TAG)\nc:\n\tc $(TAG)\n",
    ["a 1", "c 2", "b 2"],
  ],
  ["of a pattern holds for its targets", "all: push-a\npush-%: TAG := 2\npush-%:\n\tpush $* $(TAG)\n", ["push a 2"]],
  ["adds to the makefile's", "F = -a\nall: export F += -b\nall:\n\tbuild $(F)\n", ["build -a -b"]],
  ["counts less than make's command line", "all: N = own\nall:\n\tpush $(N)\n", ["push given"]],
])("a variable of one target %s", (_, text, lines) => expect(recipe(text, "all", { N: "given" })).toEqual(lines));

function conditional(text: string, env: Readonly<Record<string, string>> = {}): string[] {
  const makefile = parseMakefile(
    "Makefile",
    (path) => (path === "Makefile" ? text : undefined),
    new Map(Object.entries(env)),
  );
  const lines = makefile === undefined ? [] : (recipeOf(makefile, "x", new Map()) ?? []);
  return lines.map(({ text: line, conditions }) => [line, ...conditions].join(" | "));
}

const push = "x:\n\tpush $(V)\n";

test.each<readonly [what: string, text: string, lines: readonly string[]]>([
  ["that holds is taken", `A = 1\nifeq ($(A),1)\nV = yes\nelse\nV = no\nendif\n${push}`, ["push yes"]],
  ["that does not hold is left", `A = 1\nifneq "$(A)" "1"\nV = yes\nelse\nV = no\nendif\n${push}`, ["push no"]],
  ["by a variable that is there", `A = 1\nifdef A\nV = yes\nelse\nV = no\nendif\n${push}`, ["push yes"]],
  [
    "that only a run decides leaves a variable unknown",
    `T = $(shell git describe)\nV = a\nifeq ($(T),)\n\tV = b\nelse ifeq ($(T),$(shell git tag))\n\tV = $(T)\nelse\n\tV = c\nendif\n${push}`,
    ["push $(V)"],
  ],
  ["that only a run decides and that changes nothing", `V = a\nifdef CI\nV = a\nendif\n${push}`, ["push a"]],
  ["that is undecided, and a value after it", `ifdef CI\nV = a\nendif\nV = b\n${push}`, ["push b"]],
  ["that is undecided, and a default after it", `ifdef CI\nV = a\nendif\nV ?= b\n${push}`, ["push $(V)"]],
  [
    "around a part of a recipe",
    "x:\n\ta\nifdef CI\n\tb\nelse\n\tc\nendif\n\td\n",
    ["a", "b | ifdef CI", "c | not ifdef CI", "d"],
  ],
  ["in a condition that does not hold", "A = 1\nx:\nifeq ($(A),2)\nifdef A\n\ta\nendif\nelse\n\tb\nendif\n", ["b"]],
  ["by an unknown value in a call", "V = $(if $(CI),a,b)\nx:\n\tpush $(V)\n", ["push $(if $(CI),a,b)"]],
])("a makefile's condition %s", (_, text, lines) => expect(conditional(text)).toEqual(lines));

test("what make is given counts more than the makefile, and a default less than the environment", () => {
  const text = "TAG ?= 1\nNAME = api\nx:\n\tpush $(NAME):$(TAG)\n";
  expect(recipe(text, "x", { NAME: "web" }, { TAG: "2" })).toEqual(["push web:2"]);
});
