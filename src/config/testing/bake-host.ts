import type { Host } from "../../host.ts";
import { type DockerAnswer, type DockerCall, makeFakeDocker } from "../../testing/docker/fake-docker.ts";

/** A host whose `docker` answers to a command line, such as `docker buildx bake --print`. `json`: printed on standard output. */
export function bakeHost(
  answer: (args: string, env: DockerCall["env"]) => DockerAnswer & { json?: unknown },
): Partial<Host> {
  const docker = makeFakeDocker({
    answer: ({ args, env }) => {
      const { json, ...given } = answer(["docker", ...args].join(" "), env);
      return { stderr: "#1 DONE 0.0s\n", stdout: json === undefined ? "" : JSON.stringify(json), ...given };
    },
  });
  return { run: (_program, args, options) => docker.run(args, options) };
}
