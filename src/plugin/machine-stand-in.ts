import { quote, renderProgram, renderStandIn, type StandInProgram } from "./stand-in.ts";

// Docker under sudo has another home and another environment: it finds its plugins in the machine's folders alone. Source: docker/cli,
// cli-plugins/manager/manager_unix.go.

/** Where the stand-in of the machine lies, and what it needs. Absolute paths. */
export interface MachinePlaces {
  /** The folder of plugins that it is put into. */
  readonly plugins: string;
  /** Its own folder: the jobs that use it, and a plugin whose place it took. */
  readonly own: string;
}

/** The first of Docker's folders for the machine, so that the stand-in is found before a plugin in another one. */
export const machinePlaces: MachinePlaces = {
  plugins: "/usr/local/lib/docker/cli-plugins",
  own: "/usr/local/lib/docker/slipway",
};

/** A job that the stand-in of the machine works for. */
export interface MachineJob {
  /** Letters, digits and hyphens. */
  readonly name: string;
  readonly program: StandInProgram;
  /** Docker's own plugin, and what it says of itself. */
  readonly real: string;
  readonly metadata: string;
}

/** Waits for the lock, and takes that of a script that was killed after ten seconds. */
function renderLock(own: string): string {
  return `lock=${quote(`${own}.lock`)} tries=0
until mkdir "$lock" 2>/dev/null; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ]; then rmdir "$lock" 2>/dev/null || :; tries=0; fi
  sleep 0.1
done
trap 'rmdir "$lock"' EXIT`;
}

function renderVariables({ plugins, own }: MachinePlaces, name: string): string {
  return `plugin=${quote(`${plugins}/docker-buildx`)} own=${quote(own)} job=${quote(`${own}/jobs/${name}`)}
is_stand_in() { [ -f "$1" ] && [ "$(sed -n 2p "$1" 2>/dev/null | cut -c 1-19)" = '# Slipway stands in' ]; }`;
}

/**
 * The shell script, for root, that puts the stand-in into the machine's folder and enters the job. A plugin that is there is kept. Jobs side by side have
 * one stand-in: it finds its job by the variable `SLIPWAY_JOB` of the processes above it, and calls of no job go to Docker's own plugin.
 */
export function renderInstall(places: MachinePlaces, { name, program, real, metadata }: MachineJob): string {
  const jobs = `${places.own}/jobs`;
  const kept = `${places.own}/docker-buildx`;
  const render = (path: string): string => renderStandIn({ real: path, metadata, job: { kind: "caller", jobs } });
  return `set -eu
umask 022
mkdir -p ${quote(places.plugins)} ${quote(jobs)}
${renderLock(places.own)}
${renderVariables(places, name)}
printf '%s\\n' ${quote(renderProgram(program))} >"$job"
if is_stand_in "$plugin"; then exit 0; fi
if [ -e "$plugin" ]; then
  mv "$plugin" "$own/docker-buildx"
  printf '%s' ${quote(render(kept))} >"$plugin.part"
else
  printf '%s' ${quote(render(real))} >"$plugin.part"
fi
chmod 755 "$plugin.part"
mv "$plugin.part" "$plugin"
`;
}

/** The shell script, for root, that takes the job out; with the last job that is still running the stand-in goes, and what was there comes back. */
export function renderRemove(places: MachinePlaces, name: string): string {
  return `set -eu
if [ ! -d ${quote(places.own)} ]; then exit 0; fi
${renderLock(places.own)}
${renderVariables(places, name)}
rm -f "$job"
for other in "$own"/jobs/*; do
  if [ ! -e "$other" ]; then continue; fi
  if (. "$other" && [ -d "$folder" ]); then exit 0; fi
  rm -f "$other"
done
if is_stand_in "$plugin"; then rm -f "$plugin"; fi
if [ -e "$own/docker-buildx" ] && [ ! -e "$plugin" ]; then mv "$own/docker-buildx" "$plugin"; fi
rm -rf "$own"
`;
}
