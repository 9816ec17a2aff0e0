import { abandon } from "./abandon/spec.ts";
import { build } from "./build/spec.ts";
import { cacheList } from "./cache-list/spec.ts";
import { cachePrune } from "./cache-prune/spec.ts";
import { docker } from "./docker/spec.ts";
import { history } from "./history/spec.ts";
import { init } from "./init/spec.ts";
import { inputs } from "./inputs/spec.ts";
import { layers } from "./layers/spec.ts";
import { pin } from "./pin/spec.ts";
import { plan } from "./plan/spec.ts";
import { publishers } from "./publishers/spec.ts";
import { release } from "./release/spec.ts";
import { replay } from "./replay/spec.ts";
import { rollback } from "./rollback/spec.ts";
import { sbom } from "./sbom/spec.ts";
import { services } from "./services/spec.ts";
import type { AnyCommandSpec, Example } from "./spec.ts";
import { status } from "./status/spec.ts";
import { verify } from "./verify/spec.ts";

export {
  abandon,
  build,
  cacheList,
  cachePrune,
  history,
  inputs,
  layers,
  pin,
  plan,
  release,
  replay,
  rollback,
  sbom,
  services,
  status,
  verify,
};

/** Commands in the order of the help. */
export const commands: readonly AnyCommandSpec[] = [
  init,
  publishers,
  services,
  plan,
  inputs,
  build,
  docker,
  release,
  status,
  verify,
  rollback,
  abandon,
  pin,
  layers,
  sbom,
  history,
  replay,
  cacheList,
  cachePrune,
];

/** Words that begin the names of several commands, and are no commands themselves. */
export const commandGroups: Readonly<
  Record<string, { readonly summary: string; readonly examples: readonly Example[] }>
> = {
  cache: {
    summary: "List and prune what builds stored on GitHub and in registries",
    examples: [
      { run: "slipway cache list", for: "what is stored, by tier and service" },
      { run: "slipway cache prune", for: "what need not be, and why" },
    ],
  },
};

const programExamples: readonly Example[] = [
  { run: "slipway services", for: "what is released from this repository" },
  { run: "slipway plan", for: "what would be built or reused, and why" },
  { run: "slipway release 1.2.0", for: "build what changed, commit the release, move the tags" },
  { run: "slipway status", for: "what is released, and where each tag is" },
];

/** Returns the examples of a command, of a group of commands, or for `slipway` those of the program. */
export function examplesOf(name: string): readonly Example[] {
  if (name === "slipway") return programExamples;
  return commands.find((each) => each.name === name)?.examples ?? commandGroups[name]?.examples ?? [];
}
