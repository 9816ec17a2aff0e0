import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface DockerPerJob {
  /** To be put in front of the search path. */
  readonly folder: string;
  /** Calls of `docker` in jobs that are not to have it, a line each: `JOB: ARGUMENTS`. */
  refused(): readonly string[];
}

/**
 * A `docker` that only some jobs have, and in each of them is another engine's, as on machines of their own. With fewer
 * engines than jobs, the later ones share the last. Jobs are told apart by their key and their temporary folder.
 */
export function makeDockerPerJob(options: {
  readonly folder: string;
  /** Where the real one is. */
  readonly docker: string;
  /** Keys of jobs, as in the workflow. */
  readonly jobs: readonly string[];
  /** `DOCKER_HOST` of each engine. */
  readonly engines: readonly string[];
}): DockerPerJob {
  const { folder, docker, jobs, engines } = options;
  const refusals = join(folder, "refused");
  const taken = join(folder, "taken");
  const program = join(folder, "bin", "docker");
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(taken, { recursive: true });
  writeFileSync(
    program,
    `#!/bin/sh
case "\${GITHUB_JOB:-}" in
  ${jobs.join(" | ")}) ;;
  *)
    echo "\${GITHUB_JOB:-}: $*" >> ${quote(refusals)}
    echo "docker: this runner has no Docker" >&2
    exit 127
    ;;
esac
job=$(basename "$(dirname "\${RUNNER_TEMP:-/none/none}")")
last=${engines.length}
n=0
for engine in ${engines.map(quote).join(" ")}; do
  n=$((n + 1))
  mkdir ${quote(taken)}/$n 2>/dev/null && echo "$job" > ${quote(taken)}/$n/job
  # Whoever has just taken it writes its name next.
  while [ ! -s ${quote(taken)}/$n/job ]; do sleep 0.01; done
  if [ "$(cat ${quote(taken)}/$n/job)" = "$job" ] || [ $n = $last ]; then
    DOCKER_HOST=$engine
    export DOCKER_HOST
    exec ${quote(docker)} "$@"
  fi
done
`,
  );
  chmodSync(program, 0o755);
  return {
    folder: join(folder, "bin"),
    refused: () => (existsSync(refusals) ? readFileSync(refusals, "utf8").trim().split("\n") : []),
  };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
