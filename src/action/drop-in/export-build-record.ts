import { errorMessage, SlipwayError } from "../../errors.ts";
import { type ReadRun, readRun } from "../../github/run.ts";
import type { Host } from "../../host.ts";
import { annotation, inert } from "../../formats/workflow-command.ts";
import { printLogLine } from "../../report/github-log.ts";
import { makeArtifactStore } from "../artifacts.ts";
import type { Runner } from "../runner.ts";
import { dockerRunOf } from "./docker-run.ts";
import type { BuildRecord, UploadedRecord } from "./docker-extras.ts";
import { readRecordState } from "./record-state.ts";

/** Exports the build record at the end of the job, stores it as an artifact, and writes docker's part of the summary. */
export async function exportBuildRecord(host: Host, runner: Runner): Promise<void> {
  const state = readRecordState(runner);
  if (state === undefined) return;
  const extras = await import("./docker-extras.ts");
  try {
    const run = await readRun(host.env);
    const record = await extras.exportRecord(state.refs);
    const uploaded = wantsUpload(host) ? await upload(host, run, record) : undefined;
    await extras.writeDockerSummary({ ...state, record, uploaded });
  } catch (error) {
    printLogLine(host, annotation("warning", errorMessage(error)));
  } finally {
    await extras.removeToolkitFiles();
  }
}

function wantsUpload({ env }: Host): boolean {
  return !/^(?:0|[fF]|false|FALSE|False)$/.test(env["DOCKER_BUILD_RECORD_UPLOAD"] ?? "");
}

async function upload(host: Host, run: ReadRun, record: BuildRecord): Promise<UploadedRecord> {
  const { readRecord } = await import("./docker-extras.ts");
  const { name, bytes } = await readRecord(record);
  const { id, digest } = await makeArtifactStore(host, run).putFile({ name, bytes, days: retentionDays(host) });
  const { server, repository } = dockerRunOf(run.ci);
  const url = `${server}/${repository}/actions/runs/${run.ci.id ?? ""}/artifacts/${id}`;
  printLogLine(host, inert(`the build record is the artifact ${name}: ${url}`));
  return { id, filename: name, digest, size: bytes.length, url };
}

function retentionDays({ env }: Host): number | undefined {
  const given = env["DOCKER_BUILD_RECORD_RETENTION_DAYS"] ?? "";
  if (given === "") return undefined;
  const days = Number.parseInt(given, 10);
  if (days > 0) return days;
  throw new SlipwayError("option-invalid", `Invalid build record retention days: ${given}`, {
    hint: "it is in the variable DOCKER_BUILD_RECORD_RETENTION_DAYS",
  });
}
