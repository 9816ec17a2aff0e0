import { describe, expect, it } from "vitest";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import { type BaseConfig, baseKey, type BuildReads, type ResolvedBuild } from "./dockerfile.ts";
import { parseDockerfile } from "./parse.ts";
import { readBuild } from "./read.ts";
import { resolveBuild } from "../stages/resolve.ts";

interface Given {
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly contexts?: readonly string[];
  /** By reference, for every platform, or by context. */
  readonly bases?: Readonly<Record<string, Partial<BaseConfig>>>;
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function resolve(text: string, given: Given = {}): ResolvedBuild {
  return resolveBuild(parseDockerfile(text, "Dockerfile"), {
    target: given.target,
    args: given.args ?? {},
    platform: platform(given.platform ?? "linux/amd64"),
    buildPlatform: platform("linux/amd64"),
    contexts: new Set(given.contexts),
  });
}

/** Asks again until every base has a configuration, as a caller does. */
function read(text: string, given: Given = {}): BuildReads {
  const resolved = resolve(text, given);
  const configs = new Map<string, BaseConfig>();
  const add = (key: string, name: string): void => {
    configs.set(key, { env: given.bases?.[name]?.env ?? {}, onBuild: given.bases?.[name]?.onBuild ?? [] });
  };
  for (const base of resolved.bases) add(baseKey(base), base.reference);
  for (const name of resolved.contexts) add(name, name);
  for (;;) {
    const reads = readBuild(resolved, configs);
    if (reads.moreBases.length === 0 && reads.moreContexts.length === 0) return reads;
    for (const base of reads.moreBases) add(baseKey(base), base.reference);
    for (const name of reads.moreContexts) add(name, name);
  }
}

/** What is read, a word each: `COPY a b`, `@name RUN .`. */
function readsOf(text: string, given: Given = {}): string[] {
  return read(text, given).reads.map(({ from, instruction, sources }) => {
    return [...(from.kind === "named" ? [`@${from.name}`] : []), instruction, ...sources].join(" ");
  });
}

function basesOf(text: string, given: Given = {}): string[] {
  return resolve(text, given).bases.map((base) => `${baseKey(base)}${base.startsStage ? "" : " (copied from)"}`);
}

describe("what an instruction reads", () => {
  it.each([
    ["COPY a b /d/", ["COPY a b"]],
    ["COPY . .", ["COPY ."]],
    ["COPY ./a/../b/ /d/", ["COPY b"]],
    ["COPY ../../a /d/", ["COPY a"]],
    ["COPY / /d/", ["COPY ."]],
    ['COPY ["a b", "é", "/d/"]', ["COPY a b é"]],
    ["COPY *.json src/**/x [ab] /d/", ["COPY *.json src/**/x [ab]"]],
    ["COPY --chown=1:2 --chmod=755 --link a /d/", ["COPY a"]],
    ["COPY --parents a/./b/../c/*.x d /d/", ["COPY a/./c/*.x d"]],
    ["COPY <<EOF /d/\nCOPY a b\nEOF", []],
    ["COPY <<A b <<'C' /d/\n1\nA\n2\nC", ["COPY b"]],
    ["ADD a.tar.gz /d/", ["ADD a.tar.gz"]],
    ["ADD --checksum=sha256:0 https://example.com/a /d/", []],
    ["ADD a https://example.com/a b /d/", ["ADD a b"]],
    ["ADD github.com/a/b user@host /d/", ["ADD github.com/a/b user@host"]],
    ["ADD git@github.com:a/b.git /d/", []],
    ["RUN make", []],
    ["RUN --mount=target=/t make", ["RUN ."]],
    ["RUN --mount=type=bind,source=a/../b,target=/t make", ["RUN b"]],
    ["RUN --mount=type=bind,src=a*,dst=/t,rw --mount=source=b,target=/u make", ["RUN a*", "RUN b"]],
    ["RUN --mount=type=bind,source=a,from=,target=/t make", ["RUN a"]],
    ["RUN --mount=type=cache,target=/t --mount=type=tmpfs,target=/u make", []],
    ["RUN --mount=type=secret,id=a --mount=type=ssh make", []],
    ["RUN --mount=type=$KIND,source=$DIR,target=/t make", ["RUN lib"]],
    ["RUN --mount=type=cache,source=a,target=/t make", []],
    ["RUN <<EOF\nCOPY a b\nEOF", []],
    ["ONBUILD COPY a b", []],
    ['WORKDIR /a\nUSER b\nSHELL ["c"]\nEXPOSE 1\nVOLUME d\nCMD e', []],
  ])("%j", (instruction, expected) => {
    expect(readsOf(`FROM scratch\nENV KIND=bind DIR=lib\n${instruction}\n`)).toEqual(expected);
  });

  it("is a pattern for COPY and ADD only, with their excludes", () => {
    const { reads } = read(
      "FROM scratch\nCOPY --exclude=a --exclude=!b --parents x* /\nRUN --mount=source=x*,target=/t y\n",
    );
    expect(reads).toEqual([
      {
        from: { kind: "context" },
        instruction: "COPY",
        line: 2,
        sources: ["x*"],
        wildcards: true,
        exclude: ["a", "!b"],
        parents: true,
      },
      {
        from: { kind: "context" },
        instruction: "RUN",
        line: 3,
        sources: ["x*"],
        wildcards: false,
        exclude: [],
        parents: false,
      },
    ]);
  });

  // BuildKit reads flags byte by byte: with Docker Engine 28.5.2 `--exclude=é.txt` copies é.txt.
  it("is not excluded by a flag that is not ASCII", () => {
    expect(read("FROM scratch\nCOPY --exclude=é . /\n").reads[0]?.exclude).toEqual(["Ã©"]);
  });
});

describe("variables", () => {
  const at = (head: string, given: Given = {}): string[] => readsOf(`${head}\nCOPY \${X:-unset} /\n`, given);

  it.each([
    ["ARG", "FROM scratch\nARG X=a", {}, "a"],
    ["a given ARG", "FROM scratch\nARG X=a", { args: { X: "b" } }, "b"],
    ["an ARG given as nothing", "FROM scratch\nARG X=a", { args: { X: "" } }, "unset"],
    ["an arg that is given but not declared", "FROM scratch", { args: { X: "b" } }, "unset"],
    ["a global ARG that is not declared again", "ARG X=a\nFROM scratch", {}, "unset"],
    ["a global ARG that is declared again", "ARG X=a\nFROM scratch\nARG X", {}, "a"],
    ["a global ARG that is given", "ARG X=a\nFROM scratch\nARG X", { args: { X: "b" } }, "b"],
    ["a default that wins over the global ARG", "ARG X=a\nFROM scratch\nARG X=c", {}, "c"],
    ["global ARGs made from each other", "ARG A=a\nARG X=${A}b\nFROM scratch\nARG X", {}, "ab"],
    ["ARG made from ARG and ENV", "FROM scratch\nENV A=a\nARG B=b\nARG X=$A$B", {}, "ab"],
    ["a predefined ARG", "FROM scratch\nARG TARGETARCH\nENV X=$TARGETARCH", { platform: "linux/arm64" }, "arm64"],
    ["a predefined ARG that is not declared", "FROM scratch\nENV X=$TARGETARCH", {}, "unset"],
    ["a variant", "FROM scratch\nARG TARGETVARIANT\nENV X=$TARGETVARIANT", { platform: "linux/arm/v6" }, "v6"],
    ["TARGETSTAGE", "FROM scratch AS Prod\nARG TARGETSTAGE\nENV X=$TARGETSTAGE", {}, "prod"],
    ["ENV", "FROM scratch\nENV X=a", {}, "a"],
    ["ENV in its old form", "FROM scratch\nENV X a", {}, "a"],
    ["ENV made from what was before it", "FROM scratch\nENV A=1\nENV A=2 X=$A", {}, "1"],
    ["ENV over ARG", "FROM scratch\nARG X=a\nENV X=b", {}, "b"],
    ["ARG over ENV", "FROM scratch\nENV X=a\nARG X=b", {}, "b"],
    ["the base's ENV", "FROM base", { bases: { base: { env: { X: "a" } } } }, "a"],
    ["ENV over the base's", "FROM base\nENV X=b", { bases: { base: { env: { X: "a" } } } }, "b"],
    ["the ENV of the stage before", "FROM scratch AS a\nENV X=a\nFROM a", {}, "a"],
    ["the ARG of the stage before", "FROM scratch AS a\nARG X=a\nFROM a", {}, "a"],
    ["ENV over ARG of the stage before", "FROM scratch AS a\nENV X=a\nARG X=b\nFROM a", {}, "a"],
    ["the ENV of another stage", "FROM scratch AS a\nENV X=a\nFROM scratch", {}, "unset"],
    ["the default PATH", "FROM scratch\nENV X=${PATH%%:*}", {}, "usr/local/sbin"],
    [
      "a proxy that is given but not declared",
      "FROM scratch\nENV X=$HTTP_PROXY",
      { args: { HTTP_PROXY: "a" } },
      "unset",
    ],
    [
      "what the SBOM scanner reads",
      "FROM scratch\nARG BUILDKIT_SBOM_SCAN_STAGE=a\nENV X=$BUILDKIT_SBOM_SCAN_STAGE",
      {},
      "unset",
    ],
    ["a backtick that escapes", "# escape=`\nFROM scratch\nENV X=`$A", {}, "$A"],
  ] satisfies [string, string, Given, string][])("take the value of %s", (_, head, given, expected) => {
    expect(at(head, given)).toEqual([`COPY ${expected}`]);
  });

  it("without a value leave nothing, which is everything", () => {
    expect(readsOf("FROM scratch\nCOPY $X /d/\n")).toEqual(["COPY ."]);
  });
});

describe("bases", () => {
  it.each([
    ["FROM scratch", []],
    ["FROM node:24", ["node:24|linux/arm64"]],
    [
      "FROM --platform=$BUILDPLATFORM go AS a\nFROM alpine\nCOPY --from=a a b",
      ["go|linux/amd64", "alpine|linux/arm64"],
    ],
    ["FROM --platform=$TARGETPLATFORM a", ["a|linux/arm64"]],
    ["FROM --platform=linux/arm/v7 a", ["a|linux/arm/v7"]],
    ["FROM --platform=s390x a", ["a|linux/s390x"]],
    ["ARG V=24\nARG I=node:${V}-slim\nFROM ${I}", ["node:24-slim|linux/arm64"]],
    ["ARG I\nFROM ${I:-alpine}", ["alpine|linux/arm64"]],
    ["FROM a\nFROM b", ["b|linux/arm64"]],
    ["FROM a AS x\nFROM x AS y\nFROM y", ["a|linux/arm64"]],
    ["FROM --platform=linux/386 a AS x\nFROM x", ["a|linux/386"]],
    ["FROM scratch\nCOPY --from=nginx:1 a b", ["nginx:1|linux/arm64 (copied from)"]],
    ["FROM scratch\nCOPY --from=scratch a b", []],
    ["FROM scratch\nRUN --mount=from=tool,target=/t x", ["tool|linux/arm64 (copied from)"]],
    ["FROM a\nCOPY --from=a x y", ["a|linux/arm64"]],
    ["FROM a AS x\nFROM b AS X\nFROM x", ["b|linux/arm64"]],
    ["FROM 0", ["0|linux/arm64"]],
    ["FROM a\nONBUILD COPY --from=b x y", ["a|linux/arm64"]],
  ])("of %j", (text, expected) => {
    expect(basesOf(text, { platform: "linux/arm64" })).toEqual(expected);
  });
});

describe("stages that the target does not need", () => {
  const text = `FROM base AS one
COPY one /
FROM two-base AS Two
COPY two /
FROM base AS three
COPY --from=TWO x /
COPY three /
FROM base
RUN --mount=from=one,target=/t x
COPY four /
`;

  it.each([
    [undefined, ["COPY one", "COPY four"], ["base|linux/amd64"]],
    ["three", ["COPY two", "COPY three"], ["two-base|linux/amd64", "base|linux/amd64"]],
    ["TWO", ["COPY two"], ["two-base|linux/amd64"]],
    ["one", ["COPY one"], ["base|linux/amd64"]],
  ])("do not count: target %j", (target, reads, bases) => {
    const given = target === undefined ? {} : { target };
    expect(readsOf(text, given)).toEqual(reads);
    expect(basesOf(text, given)).toEqual(bases);
  });

  it("do not change the instructions when they come and go, numbers included", () => {
    const needed = "FROM a\nCOPY x /\nFROM b\n";
    const before = read(`${needed}COPY --from=0 x /\nCOPY --from=nginx y /\n`);
    const after = read(`FROM c\nRUN other\n${needed}COPY --from=1 x /\nCOPY --from=nginx y /\n`);
    expect(after.instructions).toEqual(before.instructions);
    expect(before.instructions).toEqual([
      "FROM a",
      "COPY x /",
      "FROM b",
      "COPY --from=#0 x /",
      "COPY --from=nginx y /",
    ]);
  });

  it("do not lend their number to another stage unseen", () => {
    const first = read("FROM a\nFROM b\nFROM c\nCOPY --from=0 x /\nCOPY --from=1 y /\n").instructions;
    const second = read("FROM a\nFROM b\nFROM c\nCOPY --from=1 x /\nCOPY --from=0 y /\n").instructions;
    expect(first).not.toEqual(second);
  });
});

describe("the platforms that instructions run on", () => {
  it.each<[string, string, readonly string[]]>([
    ["nothing runs", "FROM a\nCOPY b /\nWORKDIR /x\n", []],
    ["in the image itself", "FROM a\nRUN b\n", ["linux/arm64"]],
    [
      "in a stage that cross-compiles",
      "FROM --platform=$BUILDPLATFORM a AS b\nRUN c\nFROM d\nCOPY --from=b /c /\n",
      ["linux/amd64"],
    ],
    [
      "in both",
      "FROM --platform=$BUILDPLATFORM a AS b\nRUN c\nFROM d\nRUN e\nCOPY --from=b /c /\n",
      ["linux/amd64", "linux/arm64"],
    ],
    ["in a stage that the target does not need", "FROM a AS b\nRUN c\nFROM d\n", []],
    ["in a stage that starts from another", "FROM --platform=linux/amd64 a AS b\nFROM b\nRUN c\n", ["linux/amd64"]],
  ])("are those of the stages that have a RUN: %s", (_, text, platforms) => {
    expect(read(text, { platform: "linux/arm64" }).runsOn).toEqual(platforms);
  });

  it("are those of the stages that a trigger runs in", () => {
    const bases = { a: { onBuild: ["RUN b"] } };
    expect(read("FROM a\n", { bases, platform: "linux/arm64" }).runsOn).toEqual(["linux/arm64"]);
  });

  it("leave out a stage that a named context stands for", () => {
    expect(read("FROM a AS b\nRUN c\nFROM scratch\nCOPY --from=b /c /\n", { contexts: ["b"] }).runsOn).toEqual([]);
  });
});

describe("args that count", () => {
  it.each([
    ["declared and given", "FROM a\nARG X", { X: "1" }, { X: "1" }],
    ["declared with a default", "FROM a\nARG X=$Y-1", {}, { X: "-1" }],
    ["declared without a value", "FROM a\nARG X", {}, {}],
    ["given and not declared", "FROM a", { X: "1" }, {}],
    ["declared in a stage that is not needed", "FROM a\nARG X\nFROM b", { X: "1" }, {}],
    ["global and not used", "ARG X=1\nFROM a", {}, {}],
    ["global and used by FROM", "ARG X=1\nARG Y=$X\nARG Z=2\nFROM a:$Y", {}, { X: "1", Y: "1" }],
    ["global, given and used by FROM", "ARG X=1\nARG Y=$X\nFROM a:$Y", { Y: "3" }, { Y: "3" }],
    ["global and declared again", "ARG X=1\nFROM a\nARG X", {}, { X: "1" }],
    ["global and used by a stage that is not needed", "ARG X=1\nFROM a:$X AS x\nFROM b", {}, {}],
    ["predefined and declared", "FROM a\nARG TARGETARCH", {}, { TARGETARCH: "amd64" }],
    [
      "read by BuildKit itself",
      "FROM a",
      { BUILDKIT_INLINE_CACHE: "1", SOURCE_DATE_EPOCH: "0" },
      { BUILDKIT_INLINE_CACHE: "1", SOURCE_DATE_EPOCH: "0" },
    ],
    ["read by BuildKit itself, in the file", "ARG SOURCE_DATE_EPOCH=5\nFROM a", {}, { SOURCE_DATE_EPOCH: "5" }],
    ["a proxy that is not declared", "FROM a", { HTTP_PROXY: "x", no_proxy: "y" }, {}],
    ["a proxy that is declared", "FROM a\nARG HTTP_PROXY", { HTTP_PROXY: "x" }, { HTTP_PROXY: "x" }],
  ] satisfies [string, string, Record<string, string>, Record<string, string>][])("%s", (_, text, args, expected) => {
    expect(read(text, { args }).args).toEqual(expected);
  });

  it.each([
    ["FROM --platform=$BUILDPLATFORM a", true],
    ["FROM a\nARG BUILDARCH", true],
    ["ARG P=${BUILDOS}/arm64\nFROM --platform=$P a", true],
    ["FROM --platform=linux a", true],
    ["FROM a\nARG TARGETARCH", false],
    ["FROM --platform=$BUILDPLATFORM a AS x\nFROM b", false],
    ["FROM a\nENV X=$BUILDPLATFORM", false],
  ])("%j uses the build platform: %j", (text, expected) => {
    expect(read(text).usesBuildPlatform).toBe(expected);
  });
});

describe("instructions that count", () => {
  it("hold the escape character and the defaults of the global args that are used", () => {
    expect(read("# escape=`\nARG V=1\nARG U=2\nFROM a:$V\nRUN b").instructions).toEqual([
      "# escape=`",
      "ARG V=1",
      "FROM a:$V",
      "RUN b",
    ]);
  });

  it("are not expanded: a stamp in them does not show", () => {
    const text = "FROM a\nARG REVISION\nLABEL revision=$REVISION";
    const [one, other] = ["1", "2"].map((REVISION) => read(text, { args: { REVISION } }).instructions);
    expect(one).toEqual(other);
  });
});

describe("ONBUILD", () => {
  const bases = {
    base: { env: { DIR: "app" }, onBuild: ["ARG NAME=src", "COPY $DIR/$NAME /x/", "RUN <<EOF\nmake\nEOF"] },
    other: { onBuild: ["COPY --from=tools /t /t"] },
    tools: { onBuild: ["COPY never /"] },
  };

  it("of a base runs before the stage's own instructions", () => {
    const reads = read("FROM base\nCOPY own /", { bases, args: { NAME: "lib" } });
    expect(reads.instructions).toEqual([
      "FROM base",
      "ARG NAME=src",
      "COPY $DIR/$NAME /x/",
      "RUN <<EOF",
      '<<EOF: "make\\n"',
      "COPY own /",
    ]);
    expect(reads.reads.map(({ sources }) => sources)).toEqual([["app/lib"], ["own"]]);
    expect(reads.args).toEqual({ NAME: "lib" });
  });

  it("of a base does not run in a stage after that stage", () => {
    expect(readsOf("FROM base AS a\nFROM a\nCOPY own /", { bases })).toEqual(["COPY app/src", "COPY own"]);
  });

  it("of a stage runs in the stages that start from it", () => {
    const text = "FROM scratch AS a\nONBUILD COPY x /\nFROM a AS b\nFROM b";
    expect(readsOf(text)).toEqual(["COPY x"]);
    expect(readsOf(text, { target: "a" })).toEqual([]);
  });

  it("may reach further images: they are asked for", () => {
    const resolved = resolve("FROM other");
    const reads = readBuild(resolved, new Map([["other|linux/amd64", { env: {}, onBuild: bases.other.onBuild }]]));
    expect(reads.moreBases).toEqual([{ reference: "tools", platform: "linux/amd64", startsStage: false }]);
    expect(readsOf("FROM other", { bases })).toEqual([]);
  });

  it("may reach a stage that nothing else needs", () => {
    const text = "FROM base AS tools\nCOPY tool /\nFROM other";
    expect(resolve(text).bases.map(({ reference }) => reference)).toEqual(["other"]);
    expect(readsOf(text, { bases })).toEqual(["COPY app/src", "COPY tool"]);
  });

  it("may reach a named context", () => {
    expect(readsOf("FROM other", { bases, contexts: ["tools"] })).toEqual(["@tools COPY t"]);
  });

  it("that is no instruction is a fault", () => {
    const broken = { base: { onBuild: ["CPY a b"] } };
    expect(() => read("FROM base", { bases: broken })).toThrow('Dockerfile:1:1: ONBUILD "CPY a b": "CPY" is no');
  });

  it("of a base that was not looked up is asked for", () => {
    expect(readBuild(resolve("FROM base"), new Map()).moreBases).toHaveLength(1);
  });
});

describe("named contexts", () => {
  it.each([
    ["FROM ctx\nCOPY a /", ["@ctx FROM .", "COPY a"]],
    ["FROM a\nCOPY --from=ctx x y /", ["@ctx COPY x y"]],
    ["FROM a\nRUN --mount=from=ctx,source=x,target=/t y", ["@ctx RUN x"]],
    ["FROM a\nRUN --mount=type=cache,from=ctx,source=x,target=/t y", ["@ctx RUN x"]],
    ["FROM a\nRUN --mount=type=tmpfs,from=ctx,target=/t y", []],
    ["FROM a AS ctx\nCOPY hidden /\nFROM b\nCOPY --from=ctx x /", ["@ctx FROM .", "@ctx COPY x"]],
    ["FROM a AS ctx\nCOPY hidden /\nFROM b\nCOPY --from=0 x /", ["@ctx FROM .", "@ctx COPY x"]],
    ["FROM a AS ctx\nCOPY hidden /\nFROM ctx\nCOPY x /", ["@ctx FROM .", "COPY x"]],
    ["FROM docker.io/library/ctx:latest", ["@ctx FROM ."]],
    ["FROM ctx:1", []],
    ["FROM a AS b\nFROM b", []],
  ])("stand in for images and stages: %j", (text, expected) => {
    expect(readsOf(text, { contexts: ["ctx"] })).toEqual(expected);
  });

  it("stand in for images with tags, too", () => {
    const resolved = resolve("FROM --platform=$BUILDPLATFORM node:24\nCOPY --from=node:24 a b", {
      contexts: ["node:24", "unused"],
      platform: "linux/arm64",
    });
    expect(resolved.bases).toEqual([]);
    expect(resolved.contexts).toEqual(["node:24"]);
    expect(resolved.contextUses).toEqual([
      { name: "node:24", platform: "linux/amd64", startsStage: true },
      { name: "node:24", platform: "linux/arm64", startsStage: false },
    ]);
  });

  it("take the place of an image whose host is written in the same case, as in BuildKit", () => {
    const text = "FROM GHCR.io/a/w\n";
    expect(resolve(text, { contexts: ["ghcr.io/a/w"] }).contexts).toEqual([]);
    expect(resolve(text, { contexts: ["GHCR.io/a/w:latest"] }).contexts).toEqual(["GHCR.io/a/w:latest"]);
  });

  it("that replace a stage replace its instructions and bases", () => {
    const text = "FROM a AS ctx\nRUN hidden\nFROM b\nCOPY --from=ctx x /";
    expect(read(text, { contexts: ["ctx"] }).instructions).toEqual([
      "FROM context:ctx AS ctx",
      "FROM b",
      "COPY --from=ctx x /",
    ]);
    expect(basesOf(text, { contexts: ["ctx"] })).toEqual(["b|linux/amd64"]);
  });

  it("give their configuration to the stage they begin", () => {
    const given = { contexts: ["ctx"], bases: { ctx: { env: { DIR: "a" }, onBuild: ["COPY b /"] } } };
    expect(readsOf("FROM ctx\nCOPY $DIR /", given)).toEqual(["@ctx FROM .", "COPY b", "COPY a"]);
  });
});

describe("a build that no fingerprint can vouch for", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  it.each([
    ["ADD https://example.com/a /", "ADD https://example.com/a has no --checksum"],
    ["ADD https://u:tok@se@example.com/a?sig=s3cret /", "ADD https://example.com/a?… has no --checksum"],
    ["ADD https://u:tok@se@example.com/a.git /", "ADD https://example.com/a.git is not pinned to a commit"],
    ["ADD $URL /", "ADD http://example.com/b has no --checksum"],
    ["ADD --checksum=$NOTHING https://example.com/a /", "ADD https://example.com/a has no --checksum"],
    ["ADD https://example.com/a.git /", "ADD https://example.com/a.git is not pinned to a commit"],
    ["ADD https://example.com/a.git#v1:dir /", "ADD https://example.com/a.git#v1:dir is not pinned to a commit"],
    [
      "ADD https://example.com/a.git?branch=main /",
      "ADD https://example.com/a.git?branch=main is not pinned to a commit",
    ],
    ["ADD git@example.com:a/b.git /", "ADD git@example.com:a/b.git is not pinned to a commit"],
    ["ADD ssh://git@example.com/a /", "ADD ssh://git@example.com/a is not pinned to a commit"],
    [`ADD https://example.com/a.git#${commit.slice(1)} /`, "is not pinned to a commit"],
    ["ARG $NAME=1", 'the name of "ARG $NAME" is an expression'],
  ])("has %j", (instruction, because) => {
    const text = `FROM scratch\nENV URL=http://example.com/b\n${instruction}\n`;
    expect(read(text).volatile).toEqual([expect.stringContaining(because)]);
    expect(read(`${text}FROM scratch\n`).volatile).toEqual([]);
  });

  it.each([
    ["ADD --checksum=sha256:0 https://example.com/a /"],
    [`ADD https://example.com/a.git#${commit} /`],
    [`ADD https://example.com/a.git#${commit}:dir /`],
    [`ADD https://example.com/a.git?ref=${commit} /`],
    [`ADD https://example.com/a.git?tag=v1&commit=${commit} /`],
    [`ADD --checksum=${commit} https://example.com/a.git#v1 /`],
    [`ADD git@example.com:a/b.git#${commit} /`],
  ])("is not one with %j", (instruction) => {
    expect(read(`FROM scratch\n${instruction}\n`).volatile).toEqual([]);
  });

  it("is one of another frontend, which may read everything", () => {
    const reads = read("# syntax=example/mine\nanything", { contexts: ["ctx"], args: { A: "1" } });
    expect(reads.volatile).toEqual(['the frontend "example/mine" is not Docker\'s: what it reads is not known']);
    expect(reads.reads.map(({ from, sources }) => [from.kind, sources])).toEqual([
      ["context", ["."]],
      ["named", ["."]],
    ]);
    const given = { args: { BUILDKIT_SYNTAX: "example/mine:2 more" } };
    expect(resolve("FROM a", given).frontend).toBe("example/mine:2");
    expect(read("FROM a", given).volatile).toHaveLength(1);
  });
});

describe("a build that cannot be", () => {
  it.each([
    ["FROM a AS prod\nFROM b", { target: "prd" }, 'the target "prd" is no stage, did you mean "prod"?'],
    ["FROM a AS prod\nFROM b", { target: "0" }, 'the target "0" is no stage'],
    ["FROM Base", {}, '1:1: "Base" is no stage before it and no image reference'],
    ["FROM a AS build\nFROM Build", {}, 'no image reference, did you mean "build"?'],
    ["FROM ${X}", {}, '1:1: "FROM ${X}" is empty'],
    ["FROM ${X:?missing}", {}, '1:1: "${X:?missing}": X: missing'],
    ["FROM --platform=$X a", {}, '1:1: "--platform=$X" is "", which is no platform'],
    ["FROM --platform=a/b/c/d a", {}, "which is no platform"],
    ["ARG X=${Y^}\nFROM a", {}, 'ARG X=${Y^}: "^" is no modifier'],
    ["FROM a AS x\nCOPY --from=x a b", {}, '2:1: "from=x" is used before that stage is defined'],
    ["FROM a\nCOPY --from=y a b\nFROM b AS y\nFROM 0", { target: "y" }, undefined],
    ["FROM a AS x\nCOPY --from=y a b\nFROM x AS y", {}, '2:1: "from=y" is used before that stage is defined'],
    [
      "FROM a\nRUN --mount=from=x,target=/t b\nFROM c AS x\nFROM c AS z\nCOPY --from=0 a b",
      {},
      '2:1: "from=x" is used before',
    ],
    ["FROM a\nCOPY --from=3 a b", {}, '2:1: "--from=3" is no stage: they are numbered from 0 to 0'],
    ["FROM a\nARG X=b\nCOPY --from=$X a b", {}, '3:1: "--from=$X" cannot hold a variable'],
    ["FROM a\nCOPY --from=B@d a b", {}, '2:1: "B@d" is no stage before it and no image reference'],
    ["FROM a\nCOPY https://example.com/x /", {}, '2:1: COPY cannot take "https://example.com/x"'],
    ["FROM a\nCOPY ${X:?missing} /", {}, '2:1: "${X:?missing}": X: missing'],
    ["FROM a\nCOPY --exclude=[ . /", {}, '2:1: "--exclude=[" holds no pattern'],
    ["FROM a\nRUN --mount=type=bnd,target=/t b", {}, '"type=bnd" is no kind of mount, did you mean "bind"?'],
    ["FROM a\nRUN --mount=sourc=x,target=/t b", {}, '"sourc" is no option of --mount, did you mean "source"?'],
  ] satisfies [string, Given, string | undefined][])("is refused: %j", (text, given, message) => {
    if (message === undefined) expect(() => read(text, given)).not.toThrow();
    else expect(() => read(text, given)).toThrow(message);
  });

  it("is refused with every fault of its stages", () => {
    expect(() => resolve("FROM A\nFROM B\n")).toThrow(/^Dockerfile:1:1: .*\nDockerfile:2:1: /);
  });
});
