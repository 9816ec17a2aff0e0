import { expect, test } from "vitest";
import { parsePlatform } from "../../model/platform.ts";
import { renderCountedText, uncountedBase } from "./counted-text.ts";
import { parseDockerfile } from "./parse.ts";
import { readBuild } from "./read.ts";
import { resolveBuild } from "../stages/resolve.ts";

interface Given {
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly contexts?: readonly string[];
  readonly frontend?: string;
}

function render(text: string | Uint8Array, given: Given = {}): string {
  const bytes = Buffer.from(text);
  const platform = parsePlatform("linux/amd64");
  if (platform === undefined) throw new Error("no platform");
  const dockerfile = parseDockerfile(new TextDecoder().decode(bytes), "Dockerfile");
  const { target, args = {}, contexts = [], frontend } = given;
  const options = { target, args, platform, buildPlatform: platform, contexts: new Set(contexts) };
  const { countedLines } = readBuild(resolveBuild(dockerfile, options), new Map());
  return Buffer.from(renderCountedText({ dockerfile, bytes, frontend }, countedLines)).toString("latin1");
}

const gone = uncountedBase;

test.each<[string, string, Given, string]>([
  ["comments", "# one\nFROM a\n  # two\nRUN x\n#three", {}, "\nFROM a\n\nRUN x\n"],
  [
    "stages that the target does not need",
    "FROM a AS One\nRUN x\n\nfrom b as two\nrun y \\\n  z\nFROM c\nRUN w\n",
    { target: "one" },
    `FROM a AS One\nRUN x\n\nfrom ${gone} as two\n\n\nFROM ${gone}\n\n`,
  ],
  [
    "stages before a stage that is named by its number",
    "FROM a\nRUN x\nFROM b\nFROM c\nCOPY --from=1 /x /\n",
    {},
    `FROM ${gone}\n\nFROM b\nFROM c\nCOPY --from=1 /x /\n`,
  ],
  [
    "comments within an instruction, which stay comments",
    "FROM a\nRUN x \\\n  # why\n\n && y\n",
    {},
    "FROM a\nRUN x \\\n#\n\n && y\n",
  ],
  [
    "no line of a here-document, whatever it looks like",
    "FROM a\n# c\nRUN <<A <<B\n# no comment\n\nFROM b\nA\nx\nB\n# c\n",
    {},
    "FROM a\n\nRUN <<A <<B\n# no comment\n\nFROM b\nA\nx\nB\n\n",
  ],
  [
    "here-documents of a stage that is left out",
    "FROM a AS x\nCOPY <<A /\nFROM b\nA\nFROM c\n",
    {},
    `FROM ${gone} AS x\n\n\n\nFROM c\n`,
  ],
  [
    "no directive, but what only looks like one",
    "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\n# other\n# escape=\\\nFROM a\nRUN x `\n  y\n",
    {},
    "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all\n\n\nFROM a\nRUN x `\n  y\n",
  ],
  [
    "no line of an interpreter before directives",
    "#!/usr/bin/env x\n# syntax=docker/dockerfile:1\n# c\nFROM a\n",
    {},
    "#!/usr/bin/env x\n# syntax=docker/dockerfile:1\n\nFROM a\n",
  ],
  [
    "args before the first stage that no needed one uses",
    "ARG A=1\nARG B=2\nARG C=$B\nARG D=4\nFROM a:$C\nARG D\n",
    {},
    "\nARG B=2\nARG C=$B\nARG D=4\nFROM a:$C\nARG D\n",
  ],
  [
    "a stage that a context stands in for",
    "FROM a AS lib\nRUN x\nFROM b\nCOPY --from=lib / /\n",
    { contexts: ["lib"] },
    `FROM ${gone} AS lib\n\nFROM b\nCOPY --from=lib / /\n`,
  ],
  [
    "line ends as they are",
    "# c\r\nFROM a\r\n# d\r\nRUN x \\\r\n# e\r\n y\r\n",
    {},
    "\r\nFROM a\r\n\r\nRUN x \\\r\n#\r\n y\r\n",
  ],
  [
    "the frontend's tag, for its digest",
    "# escape=`\n# Syntax = docker/dockerfile:1 more\nFROM a\n",
    { frontend: "docker/dockerfile@sha256:1" },
    "# escape=`\n# Syntax = docker/dockerfile@sha256:1 more\nFROM a\n",
  ],
  [
    "no frontend in a here-document",
    "FROM a\nRUN <<E\n# syntax=docker/dockerfile:1\nE\n",
    { frontend: "docker/dockerfile@sha256:1", args: { BUILDKIT_SYNTAX: "docker/dockerfile:1" } },
    "FROM a\nRUN <<E\n# syntax=docker/dockerfile:1\nE\n",
  ],
  ["nothing that another frontend reads", "# syntax=example/mine\n# c\nx\n", {}, "# syntax=example/mine\n# c\nx\n"],
])("what is handed over has lost %s", (_name, text, given, expected) => {
  expect(render(text, given)).toBe(expected);
});

test("bytes that are not UTF-8 stay what they are, and so does a byte order mark", () => {
  expect(render(Buffer.from("\xef\xbb\xbfFROM a\nRUN x \xe9\n# \xe9\n", "latin1"))).toBe(
    "\xef\xbb\xbfFROM a\nRUN x \xe9\n\n",
  );
});
