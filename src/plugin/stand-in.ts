import { standInMark } from "./read-stand-in.ts";

/** What a stand-in for Docker's buildx plugin is made of. Paths are absolute. */
export interface StandIn {
  /** Docker's own plugin. */
  readonly real: string;
  /** What that plugin says of itself to `docker-cli-plugin-metadata`. */
  readonly metadata: string;
  readonly job: StandInJob;
}

/** The job that a stand-in works for. `own`: one job's. `caller`: of whichever job called it, by `jobs/NAME` (`machine-stand-in.ts`). */
export type StandInJob =
  | ({ readonly kind: "own" } & StandInProgram)
  | { readonly kind: "caller"; readonly jobs: string };

/** How a build is started. */
export interface StandInProgram {
  readonly node: string;
  /** The script that Node runs. */
  readonly program: string;
  /** The job's folder (`job-folder.ts`). */
  readonly folder: string;
}

/** The variable with which a build's own programs go past the stand-in. */
export const directVariable = "SLIPWAY_DIRECT_BUILDX";

/** The variable that names the job's folder. */
export const jobVariable = "SLIPWAY_JOB_FOLDER";

/** The variable by which a job's steps name it to the machine's stand-in. */
export const jobName = "SLIPWAY_JOB";

/**
 * The shell script that stands in for `docker-buildx`. It starts Node for a build or a bake; everything else, and every call that a build makes
 * itself, replaces the shell with Docker's own plugin. What the plugin says of itself is printed from here, which saves starting it: Docker asks at every command.
 */
export function renderStandIn({ real, metadata, job }: StandIn): string {
  return `#!/bin/sh
${standInMark}
real=${quote(real)}
if [ "\${1-}" = docker-cli-plugin-metadata ] && [ -x "$real" ] && [ ! "$real" -nt "$0" ]; then
  printf '%s\\n' ${quote(metadata.trim())}
  exit 0
fi
if [ ! -x "$real" ]; then
  gone=$real
  for folder in "\${HOME:-/}/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    real=$folder/cli-plugins/docker-buildx
    if [ -x "$real" ] && ! head -n 2 "$real" | grep -q '^# Slipway stands in'; then break; fi
    real=
  done
  if [ -z "$real" ]; then
    echo "slipway: Docker's buildx plugin is no longer at $gone, and not where Docker looks for it: install it again" >&2
    exit 1
  fi
fi
is_build() {
  if [ "\${2-}" = buildx ]; then case $1 in -D | --debug) shift ;; esac; fi
  if [ "\${1-}" = buildx ]; then shift; fi
  while :; do
    case \${1-} in
      -D | --debug | --builder=*) shift ;;
      --builder) if [ $# -gt 1 ]; then shift 2; else return 1; fi ;;
      build | b | bake | f) break ;;
      *) return 1 ;;
    esac
  done
  for word; do
    case $word in
      --call=build) ;;
      --help | -h | --print | --check | --call=* | --list | --list=* | --list-targets | --list-variables) return 1 ;;
    esac
  done
}
if [ -z "\${${directVariable}-}" ] && is_build "$@"; then
${job.kind === "own" ? renderOwnJob(job) : renderCallersJob(job.jobs)}
  if [ -x "$node" ] && [ -r "$program" ] && [ -d "$folder" ]; then
    ${directVariable}=$real ${jobVariable}=$folder
    export ${directVariable} ${jobVariable}
    exec "$node" "$program" "$@"
  fi
fi
exec "$real" "$@"
`;
}

function renderOwnJob({ node, program, folder }: StandInProgram): string {
  return `  ${renderProgram({ node, program, folder })}`;
}

/** The program as shell variables, in one line. */
export function renderProgram({ node, program, folder }: StandInProgram): string {
  return `node=${quote(node)} program=${quote(program)} folder=${quote(folder)}`;
}

/** Under sudo the environment is gone, and the processes above still have it. */
function renderCallersJob(jobs: string): string {
  return `  node='' program='' folder='' pid=$PPID
  while [ "\${pid:-1}" -gt 1 ]; do
    name=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/environ" | sed -n 's/^${jobName}=\\([A-Za-z0-9-]*\\)$/\\1/p')
    if [ -n "$name" ]; then
      if [ -r ${quote(jobs)}/"$name" ]; then . ${quote(jobs)}/"$name"; fi
      break
    fi
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done`;
}

/** For a shell, as one word. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
