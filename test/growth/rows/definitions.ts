import { expect } from "vitest";
import { lines, list, type Row } from "../row.ts";

/** Readers of definitions: YAML, Compose, bake, Skaffold, Dockerfiles. */
export async function definitionRows(): Promise<readonly Row[]> {
  const [yaml, scanning, repository, parse, scalars, read, resolve, platforms] = await Promise.all([
    import("../../../src/config/written/yaml-file.ts"),
    import("../../../src/config/sources/scan-dockerfile.ts"),
    import("../../../src/config/testing/repository.ts"),
    import("../../../src/dockerfile/syntax/parse.ts"),
    import("../../../src/config/sources/go-scalar.ts"),
    import("../../../src/dockerfile/syntax/read.ts"),
    import("../../../src/dockerfile/stages/resolve.ts"),
    import("../../../src/model/platform.ts"),
  ]);
  return [
    [
      "the places of all keys of a YAML file",
      8,
      (size) => {
        const text = lines(size, (index) => `a${index}: ${index}`);
        const file = yaml.parseYamlFile("a.yaml", text, []) ?? expect.unreachable();
        return () => list(size, (index) => file.place([`a${index}`]));
      },
    ],
    [
      "the stages of a Dockerfile that start from each other",
      60,
      (size) => {
        const text = `FROM a AS s0\n${lines(size, (index) => `FROM s${index} AS s${index + 1}\nCOPY --from=s0 /a /b`)}`;
        const scan = scanning.scanDockerfile(text);
        return () => scanning.reachedReferences(scan, undefined);
      },
    ],
    [
      "the instructions of a Dockerfile",
      60,
      (size) => {
        const text = `FROM a\n${lines(size, (index) => `ENV A${index}=$A b=c\nCOPY a${index} <<B /c\nd\nB`)}`;
        return () => parse.parseDockerfile(text, "Dockerfile");
      },
    ],
    [
      "services of a Compose file that extend one of them, with Dockerfiles of their own",
      8,
      (size) => {
        const service = (index: number): string =>
          `  s${index}: { extends: base, image: "a.io/s${index}:1", build: { context: s${index} } }`;
        const compose = `services:\n  base: { build: { args: [A=b] } }\n${lines(size, service)}\n`;
        const dockerfiles = list(size, (index) => [`s${index}/Dockerfile`, "FROM scratch\n"] as const);
        const files = { Dockerfile: "FROM scratch\n", ...Object.fromEntries(dockerfiles), "compose.yaml": compose };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "Dockerfiles, and what slipway.yaml says of them",
      8,
      (size) => {
        const services = lines(size, (index) => `  s${index}: { args: { A: "${index}" }, needs: [s0] }`).replace(
          ", needs: [s0]",
          "",
        );
        const dockerfiles = list(size, (index) => [`s${index}/Dockerfile`, "FROM scratch\n"] as const);
        const files = {
          ...Object.fromEntries(dockerfiles),
          "slipway.yaml": `images: a.io/{service}\nservices:\n${services}\n`,
        };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "Compose files that one includes",
      8,
      (size) => {
        const included = list(
          size,
          (index) => [`i${index}.yaml`, `services: { s${index}: { image: "a.io/s${index}:1", build: . } }\n`] as const,
        );
        const compose = `include:\n${lines(size, (index) => `  - i${index}.yaml`)}\nservices: {}\n`;
        const files = { Dockerfile: "FROM scratch\n", ...Object.fromEntries(included), "compose.yaml": compose };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "services of a Compose file that extend each other in a row",
      8,
      (size) => {
        const service = (index: number): string => `  s${index}: { extends: s${index + 1}, image: "a.io/s${index}:1" }`;
        const compose = `services:\n${lines(size, service)}\n  s${size}: { image: "a.io/b:1", build: { context: ., args: [A=b] } }\n`;
        const files = { Dockerfile: "FROM scratch\n", "compose.yaml": compose };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "services of a Compose file that extend one of another file",
      8,
      (size) => {
        const service = (index: number): string =>
          `  s${index}: { extends: { file: base.yaml, service: b${index} }, image: "a.io/s${index}:1" }`;
        const compose = `services:\n${lines(size, service)}\n`;
        const base = `services:\n${lines(size, (index) => `  b${index}: { build: { context: ., args: [A=b] } }`)}\n`;
        const files = { Dockerfile: "FROM scratch\n", "compose.yaml": compose, "base.yaml": base };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "Compose files that take back what is in one below",
      8,
      (size) => {
        const service = (index: number): string =>
          `  s${index}: { image: "a.io/s${index}:1", build: { context: ., target: a, args: [A=b] } }`;
        const over = (index: number): string =>
          `  s${index}: { build: { target: !reset null, args: !override [B=c] } }`;
        const files = {
          Dockerfile: "FROM scratch\n",
          "compose.yaml": `services:\n${lines(size, service)}\n`,
          "compose.override.yaml": `services:\n${lines(size, over)}\n`,
        };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "faults of a Compose file and of slipway.yaml",
      8,
      (size) => {
        const service = (index: number): string => `  s${index}: { extends: base${index}, build: . }`;
        const settings = (index: number): string => `  t${index}: { contxt: a, needs: [u${index}] }`;
        const files = {
          Dockerfile: "FROM scratch\n",
          "compose.yaml": `services:\n${lines(size, service)}\n`,
          "slipway.yaml": `services:\n${lines(size, settings)}\n`,
        };
        return async () => [
          await repository.faultsOf({ files }),
          await repository.faultsOf({ files: { ...files, "slipway.yaml": "" } }),
        ];
      },
    ],
    [
      "the text of Compose files: variables and defaults, and an .env file",
      60,
      (size) => {
        const files = {
          Dockerfile: "FROM scratch\n",
          "compose.yaml": `services: { s: { image: "a.io/b:1", build: { context: ., args: [${list(size, (index) => `"A${index}=\${B${index}:-\${C:-d}}"`).join(",")}] } } }\n`,
          ".env": lines(size, (index) => `B${index}="b$B${Math.max(0, index - 1)}" # c`).replaceAll("$B", "$$Z"),
        };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "numbers of a Compose file",
      60,
      (size) => () =>
        ["1", "0x", "0b1", "017", "1_", "1.", "9e", "-", "0"].map((digits) =>
          scalars.readGoScalar({ text: digits.repeat(size), isPlain: true, tag: undefined }),
        ),
    ],
    [
      "the targets that bake prints",
      8,
      (size) => {
        const target = (index: number) => ({
          context: ".",
          tags: [`a.io/s${index}:1`],
          args: { A: "b" },
          contexts: { b: `target:s${index + 1}` },
        });
        const targets = Object.fromEntries(list(size, (index) => [`s${index}`, target(index)] as const));
        const last = { context: ".", tags: ["a.io/b:1"] };
        const printed = {
          group: { default: { targets: Object.keys(targets) } },
          target: { ...targets, [`s${size}`]: last },
        };
        const stdout = Buffer.from(JSON.stringify(printed));
        const run = () => Promise.resolve({ exitCode: 0, stderr: "", stdout });
        const hcl = lines(size, (index) => `target "s${index}" {\n  tags = ["a.io/s${index}:1"]\n}`);
        const files = { Dockerfile: "FROM b\n", "docker-bake.hcl": hcl };
        return () => repository.discoverExample({ files, host: { run } });
      },
    ],
    [
      "Skaffold's artifacts that need each other, and files that it requires",
      8,
      (size) => {
        const artifact = (index: number): string =>
          `    - { image: a.io/s${index}, docker: { dockerfile: Dockerfile }, requires: [{ image: a.io/s${index + 1}, alias: B }] }`;
        const text = (artifacts: string): string =>
          `apiVersion: skaffold/v4\nkind: Config\nbuild:\n  artifacts:\n${artifacts}\n`;
        const required = list(
          size,
          (index) => [`r${index}/skaffold.yaml`, text(`    - { image: a.io/r${index} }`)] as const,
        );
        const requires = `requires:\n${lines(size, (index) => `  - path: r${index}`)}\n`;
        const dockerfiles = list(size, (index) => [`r${index}/Dockerfile`, "FROM scratch\n"] as const);
        const files = {
          Dockerfile: "FROM scratch\n",
          ...Object.fromEntries([...required, ...dockerfiles]),
          "skaffold.yaml": text(`${lines(size, artifact)}\n    - { image: a.io/s${size} }`) + requires,
        };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "groups and settings of services in slipway.yaml",
      8,
      (size) => {
        const services = lines(
          size,
          (index) => `  s${index}: { context: ., args: { A: "\${B}" }, tags: { version: ["{version}-a"] } }`,
        );
        const groups = lines(size, (index) => `  g${index}: { services: [s${index}], tag: "g${index}-v{version}" }`);
        const files = {
          Dockerfile: "FROM scratch\n",
          "slipway.yaml": `images: a.io/{service}\nservices:\n${services}\ngroups:\n${groups}\n`,
        };
        return () => repository.discoverExample({ files });
      },
    ],
    [
      "what a Dockerfile reads",
      8,
      (size) => {
        const stage = (index: number): string =>
          `FROM s${index} AS s${index + 1}\nARG A${index}=$B\nCOPY --from=s0 a${index} b* /c/\nRUN --mount=type=bind,source=d${index},target=/e f`;
        const text = `ARG B=c\nFROM scratch AS s0\n${lines(size, stage)}`;
        const options = { target: undefined, args: { B: "d" }, contexts: new Set<string>() };
        const platform = platforms.parsePlatform("linux/amd64") ?? expect.unreachable();
        return () => {
          const dockerfile = parse.parseDockerfile(text, "Dockerfile");
          return read.readBuild(
            resolve.resolveBuild(dockerfile, { ...options, platform, buildPlatform: platform }),
            new Map(),
          );
        };
      },
    ],
  ];
}
