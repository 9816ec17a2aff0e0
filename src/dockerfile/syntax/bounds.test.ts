import { describe, expect, it } from "vitest";
import { SlipwayError } from "../../errors.ts";
import { parsePlatform } from "../../model/platform.ts";
import type { DockerfileOptions } from "./dockerfile.ts";
import { parseDockerfile } from "./parse.ts";
import { readBuild } from "./read.ts";
import { resolveBuild } from "../stages/resolve.ts";

const platform = parsePlatform("linux/amd64") ?? expect.unreachable();
const options: DockerfileOptions = {
  target: undefined,
  args: {},
  platform,
  buildPlatform: platform,
  contexts: new Set(),
};

function read(text: string): void {
  readBuild(resolveBuild(parseDockerfile(text, "api/Dockerfile"), options), new Map());
}

function faultOf(text: string): string {
  try {
    read(text);
    return "";
  } catch (error) {
    return error instanceof SlipwayError && error.code === "configuration" ? error.message : String(error);
  }
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

const tenTimes = (name: string): string => `$${name}`.repeat(10);

describe("a Dockerfile that would take for ever", () => {
  it.each([
    [
      "args before FROM that double",
      `ARG A0=0123456789\n${lines(12, (index) => `ARG A${index + 1}=${tenTimes(`A${index}`)}`)}\nFROM $A12`,
      7,
    ],
    [
      "args of a stage that double",
      `FROM scratch\nARG A0=0123456789\n${lines(12, (index) => `ARG A${index + 1}=${tenTimes(`A${index}`)}`)}`,
      8,
    ],
    ["variables that grow", `FROM scratch\n${lines(4000, (index) => `ENV A${index}=\${A${index - 1}}x`)}`, 2891],
    [
      "stages that each add a variable",
      `FROM scratch AS s0\n${lines(3000, (index) => `FROM s${index} AS s${index + 1}\nENV A${index}=1`)}`,
      4076,
    ],
    ["expressions in expressions", `FROM scratch\n\nENV A=${"${A:-".repeat(3000)}${"}".repeat(3000)}`, 3],
    ["a long file", `FROM scratch\n${"# comment\n".repeat(900_000)}`, 1],
  ])("is refused with the line: %s", (_, text, line) => {
    expect(faultOf(text)).toContain(`api/Dockerfile:${line}:1: `);
  });

  it.each([
    ["lines that go on", `FROM scratch\nRUN a \\\n${"x \\\n".repeat(20_000)}y`],
    ["comments in between", `FROM scratch\nRUN a \\\n${"# x\n".repeat(20_000)}y`],
    [
      "stages in a row",
      `FROM scratch AS s0\n${lines(2000, (index) => `FROM s${index} AS s${index + 1}\nCOPY --from=${index} /a /a`)}`,
    ],
    ["blanks", `FROM scratch\n${lines(20, () => `RUN a${" ".repeat(60_000)}x`)}`],
    ["blanks in a directive", `# syntax=docker/dockerfile:1${" ".repeat(60_000)}x\nFROM scratch`],
    ["blanks before a here-document", `FROM scratch\nRUN <<${" ".repeat(60_000)}<A`],
    ["quotes", `FROM scratch\nENV A=${'"a"'.repeat(20_000)}`],
  ])("and is only long is read: %s", (_, text) => {
    expect(() => read(text)).not.toThrow();
  });
});
