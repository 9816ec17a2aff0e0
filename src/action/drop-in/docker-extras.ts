// What docker's actions give beside the image: by their own toolkit, which is loaded only when something was built.
import { readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { Bake } from "@docker/actions-toolkit/lib/buildx/bake.js";
import { Buildx } from "@docker/actions-toolkit/lib/buildx/buildx.js";
import { History } from "@docker/actions-toolkit/lib/buildx/history.js";
import { Context } from "@docker/actions-toolkit/lib/context.js";
import { GitHubSummary } from "@docker/actions-toolkit/lib/github/summary.js";
import { asText, fieldsOf } from "../../formats/json.ts";
import { annotation, type LogLine } from "../../formats/workflow-command.ts";

/** A build record: what BuildKit says of builds, in a file for Docker Desktop. */
export type BuildRecord = Awaited<ReturnType<History["export"]>>;

/** Where a record was uploaded to. */
export interface UploadedRecord {
  readonly id: number;
  readonly filename: string;
  readonly digest: string;
  readonly size: number;
  readonly url: string;
}

/** References of the builds that this builder began since a time: for a buildx that does not say it itself. */
export function findBuildRefs(builderName: string, since: Date): string[] {
  return Object.keys(Buildx.refs({ dir: Buildx.refsDir, builderName, since }));
}

/** Checks of the Dockerfile that found something, each at its line. `warnings`: `buildx.build.warnings` of buildx's metadata. */
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

/** Exports the record of builds into a file. */
export function exportRecord(refs: readonly string[]): Promise<BuildRecord> {
  return new History().export({ refs: [...refs] });
}

/** What a record's artifact is: its name, and its bytes. */
export async function readRecord({ dockerbuildFilename }: BuildRecord): Promise<{ name: string; bytes: Uint8Array }> {
  return { name: basename(dockerbuildFilename), bytes: await readFile(dockerbuildFilename) };
}

/** Docker's own part of the job's summary. */
export interface DockerSummary {
  readonly record: BuildRecord;
  readonly uploaded: UploadedRecord | undefined;
  readonly inputs: unknown;
  /** As `docker buildx bake --print` said it; undefined: the step was no bake. */
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

/** Removes what the toolkit keeps on disk. */
export async function removeToolkitFiles(): Promise<void> {
  await rm(Context.tmpDir(), { recursive: true, force: true });
}
