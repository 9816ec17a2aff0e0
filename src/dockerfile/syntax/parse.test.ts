import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dockerfile } from "./dockerfile.ts";
import { isForeignFrontend, parseDockerfile } from "./parse.ts";

function textsOf(dockerfile: Dockerfile): string[] {
  return dockerfile.stages.flatMap(({ text, commands }) => [text, ...commands.map((command) => command.text)]);
}

function read(text: string): string[] {
  return textsOf(parseDockerfile(text, "Dockerfile"));
}

describe("a Dockerfile", () => {
  it("is its stages and their instructions", () => {
    const { globalArgs, stages, escape, syntax } = parseDockerfile(
      '# syntax=docker/dockerfile:1.7\nARG A=1 B\nFROM --platform=$BUILDPLATFORM node:$A AS Build\nRUN make\nfrom build\ncmd ["x"]\n',
      "Dockerfile",
    );
    expect({ globalArgs, escape, syntax }).toEqual({
      globalArgs: [
        { name: "A", value: "1", line: 2, column: 1 },
        { name: "B", value: undefined, line: 2, column: 1 },
      ],
      escape: "\\",
      syntax: "docker/dockerfile:1.7",
    });
    expect(stages.map(({ name, base, platform, line }) => ({ name, base, platform, line }))).toEqual([
      { name: "build", base: "node:$A", platform: "$BUILDPLATFORM", line: 3 },
      { name: undefined, base: "build", platform: undefined, line: 5 },
    ]);
    expect(stages.flatMap(({ commands }) => commands.map(({ text }) => text))).toEqual(["RUN make", 'CMD ["x"]']);
  });

  it.each([
    ["comments and blank lines between instructions", "# c\n\nFROM a\n  # c\n\nRUN b\n", ["FROM a", "RUN b"]],
    [
      "comments and blank lines in a continued line",
      "FROM a\nRUN b \\\n# c\n\n  # d \\\n  && e\n",
      ["FROM a", "RUN b   && e"],
    ],
    ["carriage returns", "FROM a\r\nRUN b \\\r\n c\r\n", ["FROM a", "RUN b  c"]],
    ["a byte order mark", "\uFEFFFROM a\n", ["FROM a"]],
    ["a missing end of line", "FROM a\nRUN b", ["FROM a", "RUN b"]],
    ["a continuation that ends the file", "FROM a\nRUN b \\\n", ["FROM a", "RUN b"]],
    ["an escaped backslash at the end of a line", "FROM a\nENV X=b\\\\\nRUN c\n", ["FROM a", "ENV X=b\\\\", "RUN c"]],
    ["a backtick that escapes", "# escape=`\nFROM a\nRUN b `\n c\\\nRUN d\n", ["FROM a", "RUN b  c\\", "RUN d"]],
    ["a directive after an instruction", "FROM a\n# escape=`\nRUN b \\\n c\n", ["FROM a", "RUN b  c"]],
    ["leading blanks", "  FROM a\n\tRUN b\n", ["FROM a", "RUN b"]],
    ["several blanks before arguments", "FROM   a\nRUN \t b  c\n", ["FROM a", "RUN b  c"]],
    [
      "quotes and escapes in flags",
      "FROM a\nCOPY --chown='a b' --from=\"x\" y z\n",
      ["FROM a", 'COPY --chown="a b" --from=x y z'],
    ],
    ["arguments that look like flags", "FROM a\nRUN -- --mount=x\n", ["FROM a", "RUN -- --mount=x"]],
    [
      "a here-document",
      "FROM a\nRUN <<EOF\n# no comment\n\nx \\\nEOF\nRUN b\n",
      ["FROM a", 'RUN <<EOF\n<<EOF: "# no comment\\n\\nx \\\\\\n"', "RUN b"],
    ],
    [
      "two here-documents",
      "FROM a\nCOPY <<A <<-'B' /d/\n1\nA\n\t2\n\tB\n",
      ["FROM a", 'COPY <<A <<-\'B\' /d/\n<<A: "1\\n"\n<<B: "\\t2\\n"'],
    ],
    [
      "a here-document with carriage returns",
      "FROM a\r\nRUN <<EOF\r\nx\r\nEOF\r\n",
      ["FROM a", 'RUN <<EOF\n<<EOF: "x\\r\\n"'],
    ],
    ["arrows in JSON", 'FROM a\nRUN ["x", "<<EOF"]\n', ["FROM a", 'RUN ["x", "<<EOF"]']],
    ["arrows in an instruction without here-documents", "FROM a\nCMD cat <<EOF\n", ["FROM a", "CMD cat <<EOF"]],
    [
      "a here-document after ONBUILD",
      "FROM a\nONBUILD RUN <<EOF\nx\nEOF\n",
      ["FROM a", 'ONBUILD RUN <<EOF\n<<EOF: "x\\n"'],
    ],
  ])("is read with %s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ["# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"],
    ["#Syntax = a/dockerfile some arguments\nFROM a", "a/dockerfile"],
    ["# escape=`\n# syntax=a/dockerfile\nFROM a", "a/dockerfile"],
    ["#!/usr/bin/env docker\n# syntax=a/dockerfile\nFROM a", "a/dockerfile"],
    ["\uFEFF# syntax=a/dockerfile\r\nFROM a", "a/dockerfile"],
    ["# comment\n# syntax=a/dockerfile\nFROM a", undefined],
    ["\n# syntax=a/dockerfile\nFROM a", undefined],
    ["FROM a", undefined],
  ])("names its frontend in its first lines: %j", (text, expected) => {
    expect(parseDockerfile(text, "Dockerfile").syntax).toBe(expected);
  });

  it.each([
    ["docker/dockerfile:1", false],
    ["docker.io/docker/dockerfile-upstream:master-labs", false],
    ["mirror.example:5000/docker/dockerfile@sha256:" + "0".repeat(64), false],
    ["tonistiigi/buildpacks", true],
    ["not a reference", true],
    [undefined, false],
  ])("with the frontend %j may be something else than a Dockerfile: %j", (reference, expected) => {
    expect(isForeignFrontend(reference)).toBe(expected);
  });

  it("of another frontend is not read", () => {
    const dockerfile = parseDockerfile('// syntax=example/mine\n{"this": "is no Dockerfile"}', "Dockerfile");
    expect(dockerfile).toMatchObject({ syntax: "example/mine", isForeign: true, stages: [] });
  });
});

describe("a fault in a Dockerfile", () => {
  it.each([
    ["FRM a", '1:1: "FRM" is no Dockerfile instruction, did you mean "FROM"?'],
    ["FROM a\n  COPPY . .", '2:3: "COPPY" is no Dockerfile instruction, did you mean "COPY"?'],
    ["FROM a\nXYZZY", '2:1: "XYZZY" is no Dockerfile instruction'],
    ["", '1:1: there is no "FROM"'],
    ["# only a comment\nARG A", '1:1: there is no "FROM"'],
    ["RUN x\nFROM a", "1:1: RUN stands before the first FROM"],
    ["FROM", "1:1: FROM needs an image or a stage"],
    ["FROM a b", '1:1: "FROM a b" must be'],
    ["FROM a AS b c", '1:1: "FROM a AS b c" must be'],
    ["FROM a AS 1b", '1:1: "1b" is no stage name'],
    ["FROM a\nCOPY a", "2:1: COPY needs a source and a destination"],
    ["FROM a\nADD", "2:1: ADD needs a source and a destination"],
    ['FROM a\nCOPY ["a", 1]', "2:1: the JSON form of COPY takes strings only"],
    ["FROM a\nCOPY a <<EOF\nEOF", '2:1: COPY has the here-document "<<EOF" where its destination should be'],
    ["FROM a\nCOPY --fro=b a c", '2:1: COPY has no flag "--fro", did you mean "from"?'],
    ["FROM a\nCOPY --from a c", '2:1: "--from" needs a value'],
    ["FROM a\nCOPY --from=a --from=b a c", '2:1: "--from" is given twice'],
    ["FROM a\nCOPY --link=yes a c", '2:1: "--link=yes" must be true or false'],
    ["FROM a\nRUN --mount=type=bind,from=$X,target=/t x", '2:1: "from=$X" cannot hold a variable'],
    ['FROM a\nRUN --mount=type=bind,a\\"b x', '2:1: "--mount=type=bind,a"b" is not a list of key=value'],
    ["FROM a\nRUN <<EOF\nx", '2:1: the here-document "<<EOF" has no line "EOF" that ends it'],
    ["FROM a\nENV", "2:1: ENV needs a name and a value"],
    ["FROM a\nENV X", '2:1: "ENV X" needs a value'],
    ["FROM a\nENV X=1 Y", '2:1: "Y" has no "="'],
    ["FROM a\nENV =1", '2:1: "=1" has no name before "="'],
    ["FROM a\nLABEL x", '2:1: "LABEL x" needs a value'],
    ["FROM a\nARG", "2:1: ARG needs a name"],
    ["FROM a\nARG =1", '2:1: "=1" has no name before "="'],
    ["FROM a\nONBUILD", "2:1: ONBUILD needs an instruction"],
    ["FROM a\nONBUILD FROM b", "2:1: FROM cannot follow ONBUILD"],
    ["FROM a\nONBUILD CPY . .", '2:1: "CPY" is no Dockerfile instruction, did you mean "COPY"?'],
    ["FROM a\nWORKDIR", "2:1: WORKDIR needs an argument"],
    ["# escape=x\nFROM a", '1:1: "# escape=x" must be a backslash or a backtick'],
    ["# escape=`\n# escape=\\\nFROM a", '2:1: there can be only one "# escape=" line'],
  ])("%j is reported where it is", (text, message) => {
    expect(() => parseDockerfile(text, "api/Dockerfile")).toThrow(`api/Dockerfile:${message}`);
  });

  it("does not hide the others", () => {
    expect(() => parseDockerfile("FROM a\nCOPY a\nFRO b\nENV X\n", "D")).toThrow(/^D:2:1: .*\nD:3:1: .*\nD:4:1: /);
  });
});

describe("what does not count", () => {
  const instruction = fc.constantFrom(
    "RUN a && b",
    "COPY a b c/",
    "ENV X=1 Y=2",
    'CMD ["x", "y"]',
    "COPY --link --from=s a b",
  );
  const noise = fc.array(fc.constantFrom("", "  ", "# comment", "\t# COPY . /", "#"), { maxLength: 3 });

  it("is comments, blank lines, continuations and line ends", () => {
    const disturbed = fc.tuple(instruction, noise, noise, fc.nat(), fc.boolean());
    fc.assert(
      fc.property(fc.array(disturbed, { minLength: 1, maxLength: 6 }), fc.constantFrom("\n", "\r\n"), (rows, end) => {
        const plain = rows.map(([text]) => text);
        const noisy = rows.flatMap(([text, before, inside, cut, isCut]) => {
          const blanks = [...text.matchAll(/ /g)].map(({ index }) => index + 1);
          const at = blanks[cut % blanks.length] ?? text.length;
          return isCut ? [...before, `${text.slice(0, at)}\\`, ...inside, text.slice(at)] : [...before, text];
        });
        expect(read(["FROM a", ...noisy, "# end"].join(end))).toEqual(["FROM a", ...plain]);
      }),
    );
  });

  it("is nothing in a here-document: each change of its body shows", () => {
    const line = fc.constantFrom("x", "# c", "", "  ", "y \\", "\tz");
    const body = fc.array(line, { maxLength: 4 });
    fc.assert(
      fc.property(body, body, (left, right) => {
        const [one, other] = [left, right].map((lines) => read(["FROM a", "RUN <<EOF", ...lines, "EOF"].join("\n")));
        expect(JSON.stringify(one) === JSON.stringify(other)).toBe(
          left.join("\n") === right.join("\n") && left.length === right.length,
        );
      }),
    );
  });
});
