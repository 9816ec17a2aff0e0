import { configurationError } from "../../errors.ts";
import type { DockerfileOptions, Dockerfile, ResolvedBuild } from "../syntax/dockerfile.ts";
import { isForeignFrontend } from "../syntax/parse.ts";
import { reachStages } from "./reach.ts";
import { makeGlobalScope } from "./scope.ts";
import { didYouMean } from "../../model/closest.ts";

/**
 * Resolves the stages, images and contexts that a build of the target uses, before its base images are known.
 * @throws SlipwayError `configuration`: no such target, a stage used before it is defined, an invalid platform or reference.
 */
export function resolveBuild(dockerfile: Dockerfile, options: DockerfileOptions): ResolvedBuild {
  const frontend = options.args["BUILDKIT_SYNTAX"]?.trim().split(" ", 1)[0] ?? dockerfile.syntax;
  if (dockerfile.isForeign || isForeignFrontend(frontend)) {
    const contexts = [...options.contexts].sort();
    const contextUses = contexts.map((name) => ({ name, platform: options.platform, startsStage: false }));
    return { dockerfile, options, stages: [], bases: [], contexts, contextUses, frontend };
  }
  const scope = makeGlobalScope(dockerfile, options);
  const target = findTarget(dockerfile, options.target);
  const reached = reachStages({ dockerfile, options, scope, triggers: new Map() }, target);
  const { stages, bases, contexts, contextUses } = reached;
  return { dockerfile, options, stages, bases, contexts, contextUses, frontend };
}

function findTarget(dockerfile: Dockerfile, target: string | undefined): number {
  if (target === undefined) return dockerfile.stages.length - 1;
  const index = dockerfile.stages.findLastIndex((stage) => stage.name === target.toLowerCase());
  if (index >= 0) return index;
  const names = dockerfile.stages.map((stage) => stage.name).filter((name) => name !== undefined);
  const hint =
    names.length === 0
      ? "no stage of it has a name: name one with FROM … AS name"
      : `its stages are ${[...new Set(names)].join(", ")}`;
  const message = `the target "${target}" is no stage${didYouMean(target, names)}`;
  throw configurationError([{ file: dockerfile.file, message }], hint);
}
