// Reports that docker's actions add to the image. Docker's own toolkit makes them; it is loaded only if something was built.
import { readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { Bake } from "@docker/actions-toolkit/lib/buildx/bake.js";
import { Buildx } from "@docker/actions-toolkit/lib/buildx/buildx.js";
import { History } from "@docker/actions-toolkit/lib/buildx/history.js";
import { Context } from "@docker/actions-toolkit/lib/context.js";
import { GitHubSummary } from "@docker/actions-toolkit/lib/github/summary.js";
import { asText, fieldsOf } from "../../formats/json.ts";
import { annotation, type LogLine } from "../../formats/workflow-command.ts";

/** Build record: BuildKit's data about builds, in a file for Docker Desktop. */
export type BuildRecord = Awaited<ReturnType<History["export"]>>;

/** Artifact to which a record was uploaded. */
export interface UploadedRecord {
  readonly id: number;
  readonly filename: string;
  readonly digest: string;
  readonly size: number;
  readonly url: string;
}

/** Returns references of the builds that a builder started since a time, for a buildx that does not report them. */
export function findBuildRefs(builderName: string, since: Date): string[] {
  return Object.keys(Buildx.refs({ dir: Buildx.refsDir, builderName, since }));
}

/** Makes annotations for the warnings of Dockerfile checks, each at its line. `warnings`: `buildx.build.warnings` of buildx's metadata. */
export async function annotateChecks(warnings: readonly unknown[], refs: readonly string[]): Promise<LogLine[]> {
  const found = await Buildx.convertWarningsToGitHubAnnotations(warnings.map(fieldsOf), [...refs]);
  return (found ?? []).map(({ message, ...place }) => {
    const { title, file, startLine: line } = fieldsOf(place);
    return annotation("warning", message, {
      title: asText(title),
      file: asText(file),
      line: typeof line === "number" ? line : undefined,
    });
  });
}

/** Exports the record of builds to a file. */
export function exportRecord(refs: readonly string[]): Promise<BuildRecord> {
  return new History().export({ refs: [...refs] });
}

/** Reads the name and the bytes of a record's artifact. */
export async function readRecord({ dockerbuildFilename }: BuildRecord): Promise<{ name: string; bytes: Uint8Array }> {
  return { name: basename(dockerbuildFilename), bytes: await readFile(dockerbuildFilename) };
}

/** Data for docker's own part of the job's summary. */
export interface DockerSummary {
  readonly record: BuildRecord;
  readonly uploaded: UploadedRecord | undefined;
  readonly inputs: unknown;
  /** Definition that `docker buildx bake --print` printed; undefined: the step is not a bake. */
  readonly bakeDefinition: string | undefined;
  readonly driver: string;
  readonly endpoint: string;
}

/** Writes docker's own part of the job's summary. */
export async function writeDockerSummary(summary: DockerSummary): Promise<void> {
  const { record, uploaded, inputs, bakeDefinition, driver, endpoint } = summary;
  await GitHubSummary.writeBuildSummary({
    exportRes: record,
    inputs,
    driver,
    endpoint,
    ...(uploaded === undefined ? {} : { uploadRes: uploaded }),
    ...(bakeDefinition === undefined ? {} : { bakeDefinition: Bake.parseDefinition(bakeDefinition) }),
  });
}

/** Removes the toolkit's temporary files. */
export async function removeToolkitFiles(): Promise<void> {
  await rm(Context.tmpDir(), { recursive: true, force: true });
}
