import { standInMark } from "./read-stand-in.ts";

/** Data from which a stand-in for Docker's buildx plugin is rendered. Paths are absolute. */
export interface StandIn {
  /** Path of Docker's own plugin. */
  readonly real: string;
  /** That plugin's answer to `docker-cli-plugin-metadata`. */
  readonly metadata: string;
  readonly job: StandInJob;
}

/** Job of a stand-in. `own`: one fixed job. `caller`: the job that called the stand-in, found by `jobs/NAME` (`machine-stand-in.ts`). */
export type StandInJob =
  | ({ readonly kind: "own" } & StandInProgram)
  | { readonly kind: "caller"; readonly jobs: string };

/** Program that the stand-in starts for a build. */
export interface StandInProgram {
  readonly node: string;
  /** Path of the script that Node runs. */
  readonly program: string;
  /** Path of the job's folder (`job-folder.ts`). */
  readonly folder: string;
}

/** Variable that makes the stand-in start Docker's own plugin, for programs that a build itself starts. */
export const directVariable = "SLIPWAY_DIRECT_BUILDX";

/** Variable that holds the path of the job's folder. */
export const jobVariable = "SLIPWAY_JOB_FOLDER";

/** Variable that holds the job's name, by which the machine's stand-in finds it. */
export const jobName = "SLIPWAY_JOB";

/**
 * Renders the shell script that replaces `docker-buildx`. It starts Node for a build or a bake. All other calls, and those from within a build, run
 * Docker's own plugin in place of the shell. The script prints the plugin's metadata itself, because Docker asks for it at every command, and
 * starting the plugin takes time.
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

/** Renders the program as shell variables, in one line. */
export function renderProgram({ node, program, folder }: StandInProgram): string {
  return `node=${quote(node)} program=${quote(program)} folder=${quote(folder)}`;
}

/** Renders the search for the caller's job. Sudo removes the environment, but the processes above still have it. */
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

/** Quotes a text as one word for a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
