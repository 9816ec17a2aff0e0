import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { ProcessResult, RunOptions } from "../../host.ts";
import type { Registry } from "../../registry/registry.ts";
import type { TestLayer } from "../test-image.ts";
import { type FakeBuild, readFakeBuild, writeOutputs } from "./fake-build.ts";

/** One run of `docker`. Arguments of the plugin `docker-buildx` are those of the command, `buildx` first. */
export interface DockerCall {
  readonly face: "process" | "command" | "plugin";
  readonly args: readonly string[];
  readonly cwd: string;
  /** In the process: the variables that the caller added; of a program: its whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the caller interrupts the run. */
  readonly signal: AbortSignal;
}

/** Prescribed end of a run. Without fields: exit code 0, nothing printed. */
export interface DockerAnswer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Content of the file that `--metadata-file` names. */
  readonly metadata?: object;
  /** Content of the file that `--iidfile` names. */
  readonly imageId?: string;
  /** The run ends only when it is interrupted. */
  readonly waits?: true;
}

/** Prescribed outcome of a build; undefined: it makes an image of its files and succeeds. */
export interface FakeOutcome {
  /** Fails with exit code 1 and these lines on standard error. */
  readonly fail?: readonly string[];
  /** Lines on standard error of a build that succeeds. */
  readonly progress?: readonly string[];
  /** Content of the image; default: everything that the build read. */
  readonly holds?: string;
  /** Layers of the image, from the lowest up; default: one, of the content. */
  readonly layers?: readonly TestLayer[];
  /** Document of the SBOM, if the build makes one; default: one without packages. */
  readonly sbom?: object;
  /** Called after the build has read its files; the build ends no sooner than this promise. */
  readonly meanwhile?: () => Promise<unknown>;
  /** Duration of the build by the clock of the test. */
  readonly seconds?: number;
}

/**
 * Stands in for docker with buildx. It has three faces: `run`, for a host in this process; the command `docker` and the plugin
 * `docker-buildx` as programs (`startDocker`). All three answer and record alike.
 */
export interface FakeDocker {
  /** All runs in the order in which they started, except questions for the plugin. */
  readonly calls: DockerCall[];
  /** Those that build, with what they read. */
  readonly builds: FakeBuild[];
  /** Arguments of the runs that are not buildx's. */
  commands(): (readonly string[])[];
  /** Prescribes answers; undefined for a run: the fake's own. */
  answer: ((call: DockerCall) => DockerAnswer | undefined) | undefined;
  /** Prescribes outcomes of builds. */
  plan: ((build: FakeBuild) => FakeOutcome | undefined) | undefined;
  /** Driver of the builder. Default: docker-container. */
  driver: string;
  /** Path of the machine's own plugin; undefined: docker names only a plugin of the job's configuration. */
  plugin: string | undefined;
  run(args: readonly string[], options?: RunOptions, signal?: AbortSignal): Promise<ProcessResult>;
  /** Records a run of any face, and does what it asks for. */
  perform(call: DockerCall): Promise<DockerAnswer>;
}

export interface FakeDockerOptions {
  readonly answer?: FakeDocker["answer"];
  /** Where builds push; default: builds that push are an error. */
  readonly registry?: () => Registry;
  /** Advances the clock by the duration of a build. */
  readonly wait?: (seconds: number) => void;
}

export function makeFakeDocker({ answer, registry = noRegistry, wait }: FakeDockerOptions = {}): FakeDocker {
  const docker: FakeDocker = {
    calls: [],
    builds: [],
    commands: () => docker.calls.map(({ args }) => args).filter(([first]) => first !== "buildx"),
    answer,
    plan: undefined,
    driver: "docker-container",
    plugin: undefined,
    run: async (args, options = {}, signal = new AbortController().signal) => {
      const call = { face: "process", args, cwd: options.cwd ?? "", env: options.env ?? {}, signal } as const;
      const { exitCode = 0, stdout = "", stderr = "" } = await docker.perform(call);
      if (stderr !== "") for (const line of stderr.replace(/\n$/, "").split("\n")) options.onStderrLine?.(line);
      return { exitCode, stdout: new TextEncoder().encode(stdout), stderr };
    },
    perform: async (call) => {
      const asksForPlugin = call.args[0] === "info" && call.args.join(" ").includes(".ClientInfo.Plugins");
      if (!asksForPlugin) docker.calls.push(call);
      const given = docker.answer?.(call);
      if (given !== undefined) return endAsGiven(call, given);
      if (asksForPlugin) return namePlugin(docker, call);
      const [first, second] = call.args;
      if (first === "image" && second === "inspect") return { stdout: "sha256:loaded\n" };
      if (first !== "buildx") return first === "inspect" || second === "inspect" ? noObject : {};
      if (second === "inspect") return { stdout: inspection(docker.driver) };
      if (second === "build") return build(call);
      if (second === "docker-cli-plugin-metadata") return { stdout: '{"Version": "0.29.1"}' };
      return { exitCode: 1, stderr: `ERROR: unknown command: "docker ${call.args.join(" ")}"` };
    },
  };
  const build = async (call: DockerCall): Promise<DockerAnswer> => {
    const read = readFakeBuild(call.args.slice(1), call);
    docker.builds.push(read);
    const { fail, holds, layers, sbom, meanwhile, seconds = 0, progress = [] } = docker.plan?.(read) ?? {};
    wait?.(seconds);
    await Promise.race([meanwhile?.(), whenAborted(call.signal)]);
    if (call.signal.aborted) throw new SlipwayError("interrupted", "interrupted while running docker");
    const lines = fail ?? (holds === undefined ? read.missing : undefined);
    if (lines !== undefined) return { exitCode: 1, stderr: lines.join("\n") };
    await writeOutputs(registry, read, { content: holds ?? read.content, layers, sbom });
    return progress.length === 0 ? {} : { stderr: progress.join("\n") };
  };
  return docker;
}

const noObject: DockerAnswer = { exitCode: 1, stderr: "Error: No such object\n" };

function noRegistry(): never {
  throw new Error("this docker has no registry to push to");
}

/** Names the plugin that docker starts for buildx. Source: docker/cli, cli-plugins/manager, `getPluginDirs`. */
function namePlugin({ plugin }: FakeDocker, { env }: DockerCall): DockerAnswer {
  const folders = [env["DOCKER_CONFIG"], env["HOME"] === undefined ? undefined : join(env["HOME"], ".docker")];
  const own = folders.flatMap((folder) => (folder === undefined ? [] : [join(folder, "cli-plugins/docker-buildx")]));
  const found = own.find((place) => existsSync(place)) ?? plugin;
  return found === undefined ? { exitCode: 1 } : { stdout: `${found}\n` };
}

function inspection(driver: string): string {
  return `Name:          default
Driver:        ${driver}

Nodes:
Name:             default
Endpoint:         unix:///var/run/docker.sock
BuildKit version: v0.25.1
Platforms:        linux/amd64, linux/arm64
`;
}

async function endAsGiven({ args, cwd, signal }: DockerCall, answer: DockerAnswer): Promise<DockerAnswer> {
  if (answer.waits === true) await whenAborted(signal);
  if (answer.metadata !== undefined) writeReport("--metadata-file", JSON.stringify(answer.metadata));
  if (answer.imageId !== undefined) writeReport("--iidfile", answer.imageId);
  return answer;

  function writeReport(flag: string, text: string): void {
    const file = args[args.indexOf(flag) + 1];
    if (args.includes(flag) && file !== undefined) writeFileSync(resolve(cwd, file), text);
  }
}

/** Answers the runs one after another with these answers; a run more is an error. */
export function inOrder(...answers: readonly DockerAnswer[]): (call: DockerCall) => DockerAnswer {
  let next = 0;
  return ({ args }) => {
    next += 1;
    return (
      answers[next - 1] ?? { exitCode: 99, stderr: `docker ${args.join(" ")}: one run more than the test expects` }
    );
  };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
