import { readFileSync } from "node:fs";
import {
  makeFakeDocker,
  type DockerAnswer,
  type DockerCall,
  type FakeDocker,
} from "../../src/testing/docker/fake-docker.ts";
import { printedBuilders } from "./builders.ts";
import { type ActionRow, usualBuildx } from "./action-row.ts";

/** One call of buildx that builds or prints. */
export interface BuildxCall {
  /** Without the paths that differ from run to run. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that docker's actions set for buildx. */
export const passedVariables = ["BUILDX_METADATA_WARNINGS", "BUILDX_BAKE_GIT_AUTH_TOKEN"] as const;

/** Makes the fake docker of a row, with its calls of `buildx build` and `buildx bake`. */
export function makeRowDocker(row: ActionRow): { readonly docker: FakeDocker; readonly calls: BuildxCall[] } {
  const calls: BuildxCall[] = [];
  const answer = (call: DockerCall): DockerAnswer => {
    const [first, second, name = ""] = call.args;
    if (first === "version" || first === "info") return { stdout: "there\n" };
    if (first === "inspect" || first === "run") return failed("Error: No such object\n");
    if (first !== "buildx" || row.buildx === null) return failed("docker: 'buildx' is not a docker command.\n");
    switch (second) {
      case undefined:
        return { stdout: "Usage: docker buildx\n" };
      case "version":
        return { stdout: `github.com/docker/buildx v${row.buildx ?? usualBuildx} 0123456789abcdef\n` };
      case "inspect":
        if (row.builder === null) return failed(`ERROR: no builder "${name}" found\n`);
        return { stdout: printedBuilders[row.builder ?? "docker-container"] };
      case "build":
      case "bake":
        calls.push(record(call));
        return call.args.includes("--print") ? { stdout: JSON.stringify(row.definition ?? {}) } : built(row, second);
      default:
        return failed("ERROR: unknown command\n");
    }
  };
  return { docker: makeFakeDocker({ answer }), calls };
}

function failed(stderr: string): DockerAnswer {
  return { exitCode: 1, stderr };
}

function record({ args, env }: DockerCall): BuildxCall {
  const argv = args.slice(1).map((arg, index, all) => {
    const flag = all[index - 1];
    if (flag === "--iidfile") return "{iidfile}";
    if (flag === "--metadata-file") return "{metadata-file}";
    if (flag !== "--secret") return arg;
    return arg.replace(/src=(\/.*)$/, (_, file: string) => `src={a file with: ${readFileSync(file, "utf8")}}`);
  });
  const passed = passedVariables.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { argv, env: Object.fromEntries(passed) };
}

const imageId = `sha256:${"1d".repeat(32)}`;
const image = {
  "buildx.build.ref": "builder/node0/abcdefghijklmnopqrstuvwxy",
  "containerimage.digest": `sha256:${"d1".repeat(32)}`,
};

function built({ fails }: ActionRow, command: "build" | "bake"): DockerAnswer {
  if (fails !== undefined) return { exitCode: 1, stdout: fails.stdout ?? "", stderr: fails.stderr };
  return { imageId, metadata: command === "bake" ? { app: image } : image };
}
