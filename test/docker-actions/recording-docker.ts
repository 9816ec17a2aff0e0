import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How the `docker` of a row answers. */
export interface DockerAnswers {
  /** Version of buildx; undefined: docker has no buildx. */
  readonly buildx: string | undefined;
  /** What `docker buildx inspect` prints; undefined: it fails. */
  readonly builder: string | undefined;
  /** What `docker buildx bake --print` prints. */
  readonly definition: string;
  /** How `docker buildx build` and `docker buildx bake` end. */
  readonly build: { readonly exitCode: number; readonly stdout: string; readonly stderr: string };
}

/** One call of `docker` that builds or prints. */
export interface DockerCall {
  /** Without the paths that differ from run to run. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Variables that docker's actions set for buildx. */
export const passedVariables = ["BUILDX_METADATA_WARNINGS", "BUILDX_BAKE_GIT_AUTH_TOKEN"] as const;

/** Writes a `docker` into a folder, to be put in front of `PATH`; gives its calls of `buildx build` and `buildx bake`. */
export function makeRecordingDocker(folder: string, answers: DockerAnswers): () => readonly DockerCall[] {
  const log = join(folder, "calls.jsonl");
  const program = join(folder, "docker");
  writeFileSync(join(folder, "answers.json"), JSON.stringify({ ...answers, passedVariables }));
  writeFileSync(program, `#!${process.execPath}\n${source}`);
  chmodSync(program, 0o755);
  return () =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as DockerCall)
      : [];
}

/** Image ID, digest and reference that the recording `docker` says it built. */
const builtImage = {
  imageId: `sha256:${"1d".repeat(32)}`,
  digest: `sha256:${"d1".repeat(32)}`,
  ref: "builder/node0/abcdefghijklmnopqrstuvwxy",
} as const;

const source = `
const fs = require("node:fs");
const path = require("node:path");
const folder = path.dirname(process.argv[1]);
const answers = JSON.parse(fs.readFileSync(path.join(folder, "answers.json"), "utf8"));
const args = process.argv.slice(2);
const [first, second] = args;
const end = (exitCode, stdout = "", stderr = "") => {
  fs.writeSync(1, stdout);
  fs.writeSync(2, stderr);
  process.exit(exitCode);
};
if (first === "version" || first === "info") end(0, "there\\n");
if (first === "inspect" || first === "run") end(1, "", "Error: No such object\\n");
if (first !== "buildx" || answers.buildx === undefined) end(1, "", "docker: 'buildx' is not a docker command.\\n");
if (second === undefined) end(0, "Usage: docker buildx\\n");
if (second === "version") end(0, "github.com/docker/buildx v" + answers.buildx + " 0123456789abcdef\\n");
if (second === "inspect") {
  if (answers.builder === undefined) end(1, "", 'ERROR: no builder "' + args[2] + '" found\\n');
  end(0, answers.builder);
}
if (second !== "build" && second !== "bake") end(1, "", "ERROR: unknown command\\n");
const after = (flag) => args[args.indexOf(flag) + 1];
const argv = args.slice(1).map((arg, index, all) => {
  const flag = all[index - 1];
  if (flag === "--iidfile") return "{iidfile}";
  if (flag === "--metadata-file") return "{metadata-file}";
  if (flag !== "--secret") return arg;
  return arg.replace(/src=(\\/.*)$/, (_, file) => "src={a file with: " + fs.readFileSync(file, "utf8") + "}");
});
const env = Object.fromEntries(answers.passedVariables.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
fs.appendFileSync(path.join(folder, "calls.jsonl"), JSON.stringify({ argv, env }) + "\\n");
if (args.includes("--print")) end(0, answers.definition);
const { exitCode, stdout, stderr } = answers.build;
if (exitCode === 0 && args.includes("--metadata-file")) {
  if (args.includes("--iidfile")) fs.writeFileSync(after("--iidfile"), ${JSON.stringify(builtImage.imageId)});
  const image = { "buildx.build.ref": ${JSON.stringify(builtImage.ref)}, "containerimage.digest": ${JSON.stringify(builtImage.digest)} };
  fs.writeFileSync(after("--metadata-file"), JSON.stringify(second === "bake" ? { app: image } : image));
}
end(exitCode, stdout, stderr);
`;
