import { inspectBuilder, type Builder } from "../buildkit/builder.ts";
import { runBuildx } from "../buildkit/buildx.ts";
import { missingPlatforms } from "../buildkit/check-builder.ts";
import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host, ProcessResult } from "../host.ts";
import type { Platform } from "../model/platform.ts";
import type { ChosenBuilder } from "../core/building/execute-plan.ts";
import type { OpenJob } from "./job.ts";
import { stateNames } from "./runner.ts";

/** Image of binfmt's emulators, by digest. */
const emulators =
  "tonistiigi/binfmt:qemu-v10.2.3-68@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0";

/**
 * Returns a function that chooses the builder, when a build is certain: the selected builder, or a new one for this job if the selected one cannot
 * export caches. Platforms that instructions run on and the machine lacks are emulated. `asked`: the selected builder, if it was looked up before.
 * Throws `unavailable`.
 */
export function chooseBuilder(
  { host, run, emit, runner }: Pick<OpenJob, "host" | "run" | "emit" | "runner">,
  asked?: Promise<Builder>,
) {
  return async (platforms: readonly Platform[]): Promise<ChosenBuilder> => {
    const selected = await (asked ?? inspectBuilder(host));
    const missing = missingPlatforms(selected, [{ service: "", runsOn: platforms }]);
    const emulates = missing.length > 0 && isLocal(selected);
    if (emulates) await emulate(host, missing, emit);
    if (selected.exportsCaches) {
      return { name: undefined, builder: emulates ? await inspectBuilder(host) : selected };
    }
    const name = `slipway-${run.ci.id ?? "run"}-${Math.floor(host.random() * 1e9).toString(36)}`;
    // The name is saved before the builder is made, so that the step's end removes it in any case.
    runner.saveState(stateNames.builder, name);
    const create = ["create", "--name", name, "--driver", "docker-container", "--bootstrap"];
    checkEnded("making a builder that can export caches", "docker buildx create", await runBuildx(host, create));
    return { name, builder: await inspectBuilder(host, name) };
  };
}

/** Whether the builder runs on this machine: only then does emulation that is installed here work for it. */
function isLocal({ driver }: Builder): boolean {
  return driver === "docker" || driver === "docker-container";
}

async function emulate(host: Host, platforms: readonly Platform[], emit: Emit): Promise<void> {
  const names = platforms.join(", ");
  emit({
    kind: "warning",
    message: `this runner has no ${names}: builds for it are emulated, which takes many times as long`,
  });
  const architectures = platforms.map((platform) => platform.split("/")[1] ?? "");
  const install = [...new Set(architectures)].sort().join(",");
  const run = ["run", "--privileged", "--rm", emulators, "--install", install];
  checkEnded(`installing emulation for ${names}`, "docker run", await host.run("docker", run));
}

function checkEnded(doing: string, command: string, { exitCode, stderr }: ProcessResult): void {
  if (exitCode === 0) return;
  const said = stderr.trim().split("\n").slice(-3).join("; ");
  throw new SlipwayError("builder-unavailable", `${doing}: ${command} ended with exit code ${exitCode}: ${said}`, {
    hint: "choose a runner that has the platform itself (the input `runners`), or one with a builder of its own",
  });
}
