import { quote, renderProgram, renderStandIn, type StandInProgram } from "./stand-in.ts";

// Under sudo, Docker has another home folder and another environment, and finds its plugins only in the machine's folders. Source: docker/cli,
// cli-plugins/manager/manager_unix.go.

/** Absolute paths of the machine's stand-in and its data. */
export interface MachinePlaces {
  /** Folder of plugins, into which the stand-in is put. */
  readonly plugins: string;
  /** Folder of the stand-in's data: the jobs that use it, and the plugin that it replaced. */
  readonly own: string;
}

/** Default places: the first of Docker's folders for the machine, so that Docker finds the stand-in before any other plugin. */
export const machinePlaces: MachinePlaces = {
  plugins: "/usr/local/lib/docker/cli-plugins",
  own: "/usr/local/lib/docker/slipway",
};

/** Job that uses the machine's stand-in. */
export interface MachineJob {
  /** Name of the job: letters, digits and hyphens. */
  readonly name: string;
  readonly program: StandInProgram;
  /** Path of Docker's own plugin, and its answer to `docker-cli-plugin-metadata`. */
  readonly real: string;
  readonly metadata: string;
}

/** Renders the commands that wait for the lock. After ten seconds they take it over, because its script was probably killed. */
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
 * Renders the script, for root, that installs the machine's stand-in and registers the job. An existing plugin is kept aside. Parallel jobs share one
 * stand-in: it finds its job by the variable `SLIPWAY_JOB` in the processes above it, and passes calls from outside of a job to Docker's own plugin.
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

/**
 * Renders the script, for root, that unregisters the job. If no other running job uses the stand-in, it is removed, and the plugin that it replaced
 * is put back.
 */
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
