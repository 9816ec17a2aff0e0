import { asList, asText, type Fields } from "../../formats/json.ts";
import { errorMessage } from "../../errors.ts";
import { printLogLine } from "../../report/github-log.ts";
import { isEnterpriseServer } from "../results-service.ts";
import { type BuildxFacts, isBuildxSince } from "./buildx-facts.ts";
import { saveRecordState } from "./record-state.ts";
import type { DropInStep } from "./step.ts";

/** Data of a build for the reports that docker's actions add. */
export interface ReportedBuild {
  readonly buildx: BuildxFacts;
  readonly call: string;
  readonly builderName: string;
  /** Metadata of each target; undefined: buildx wrote none. */
  readonly metadata: readonly (Fields | undefined)[];
  readonly summaryInputs: Readonly<Record<string, unknown>>;
  /** Definition that `docker buildx bake --print` printed. */
  readonly bakeDefinition: string | undefined;
  readonly startedAt: Date;
}

/**
 * Makes the reports that docker's actions add after a build: annotates the warnings of checks, and saves the data for the build record. A fault is
 * only a warning, because the image exists.
 */
export async function giveDockerExtras(step: DropInStep, build: ReportedBuild): Promise<void> {
  try {
    const refs = await refsOf(build);
    const warnings = build.metadata.flatMap((each) => asList(each?.["buildx.build.warnings"]) ?? []);
    if (refs.length > 0 && warnings.length > 0 && isWanted(step, "DOCKER_BUILD_CHECKS_ANNOTATIONS")) {
      const { annotateChecks } = await import("./docker-extras.ts");
      for (const line of await annotateChecks(warnings, refs)) printLogLine(step.host, line);
    }
    if (refs.length === 0 || !isSummarySupported(step, build)) return;
    const { summaryInputs: inputs, bakeDefinition } = build;
    const { driver, endpoint } = build.buildx.builder;
    saveRecordState(step.runner, { refs, inputs, bakeDefinition, driver, endpoint });
  } catch (error) {
    step.emit({ kind: "warning", message: `docker's own report of the build: ${errorMessage(error)}` });
  }
}

async function refsOf({ metadata, builderName, buildx, startedAt }: ReportedBuild): Promise<readonly string[]> {
  const said = metadata.flatMap((each) => asText(each?.["buildx.build.ref"]) ?? []);
  if (said.length > 0) return said;
  const { findBuildRefs } = await import("./docker-extras.ts");
  return findBuildRefs(builderName === "" ? buildx.builder.name : builderName, startedAt);
}

function isSummarySupported(step: DropInStep, { call, buildx }: ReportedBuild): boolean {
  if (!isWanted(step, "DOCKER_BUILD_SUMMARY") || (call !== "" && call !== "build")) return false;
  return !isEnterpriseServer(step.run.ci.server.url) && isBuildxSince(buildx, "0.23.0");
}

/** Whether a report is on; a variable of docker's actions can switch it off. */
function isWanted({ host }: Pick<DropInStep, "host">, name: string): boolean {
  return !/^(?:0|[fF]|false|FALSE|False)$/.test(host.env[name] ?? "");
}
