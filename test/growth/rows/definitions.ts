import { expect } from "vitest";
import { lines, list, type Row } from "../row.ts";

/** What describes services: YAML, Compose, bake, Skaffold, Dockerfiles. */
export async function definitionRows(): Promise<readonly Row[]> {
  const [yaml, scanning, repository, parse] = await Promise.all([
    import("../../../src/config/written/yaml-file.ts"),
    import("../../../src/config/sources/scan-dockerfile.ts"),
    import("../../../src/config/testing/repository.ts"),
    import("../../../src/dockerfile/syntax/parse.ts"),
  ]);
  return [
    [
      "the places of all keys of a YAML file",
      24,
      (size) => {
        const text = lines(size, (index) => `a${index}: ${index}`);
        const file = yaml.parseYamlFile("a.yaml", text, []) ?? expect.unreachable();
        return () => list(size, (index) => file.place([`a${index}`]));
      },
    ],
    [
      "the stages of a Dockerfile that start from each other",
      200,
      (size) => {
        const text = `FROM a AS s0\n${lines(size, (index) => `FROM s${index} AS s${index + 1}\nCOPY --from=s0 /a /b`)}`;
        const scan = scanning.scanDockerfile(text);
        return () => scanning.reachedReferences(scan, undefined);
      },
    ],
    [
      "the instructions of a Dockerfile",
      200,
      (size) => {
        const text = `FROM a\n${lines(size, (index) => `ENV A${index}=$A b=c\nCOPY a${index} <<B /c\nd\nB`)}`;
        return () => parse.parseDockerfile(text, "Dockerfile");
      },
    ],
    [
      "services of a Compose file that extend one of them, with Dockerfiles of their own",
      24,
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
      24,
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
  ];
}
