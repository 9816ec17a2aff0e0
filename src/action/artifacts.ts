import { errorMessage, SlipwayError } from "../errors.ts";
import type { ReadRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import { fieldsOf, type Fields, textField } from "../formats/json.ts";
import { type ResultsService, openResultsService } from "./results-service.ts";

// Artifacts, version 4, of the run that this job is of. https://github.com/actions/toolkit/tree/main/packages/artifact has the
// protocol, and is not used itself: docs/decisions/0011-action.md.

/** What the jobs of a run hand to each other: JSON under names that are used once. All methods throw `unavailable`. */
export interface ArtifactStore {
  /** Of all attempts of this run. */
  list(): Promise<readonly StoredArtifact[]>;
  /** Gives the digest of the stored bytes. */
  put(name: string, value: object): Promise<Digest>;
  get(artifact: StoredArtifact): Promise<ReadArtifact>;
}

/** The JSON value of an artifact, and the digest of the bytes that it was read from. */
export interface ReadArtifact {
  readonly value: unknown;
  readonly digest: Digest;
}

/** One artifact, as the service lists it. */
export interface StoredArtifact {
  readonly name: string;
  /** Where the service keeps it: its run and its job there. */
  readonly place: Fields;
  /** `sha256:…` of its bytes; undefined where the service does not say it. */
  readonly digest: string | undefined;
}

/** They are read within the run; a day is the least that GitHub keeps them. */
const retentionMilliseconds = 24 * 60 * 60 * 1000;

const runAgain = "run the job again; if it stays so, re-run all jobs, which write their artifacts anew";

/** GitHub's store for this run. */
export function makeArtifactStore(host: Host, run: ReadRun): ArtifactStore {
  const service = openResultsService(host, run);
  return {
    list: async () => {
      const answer = await service.call("ListArtifacts", {}, "listing the run's artifacts");
      const artifacts = Array.isArray(answer["artifacts"]) ? answer["artifacts"] : [];
      return artifacts.map((each: unknown) => readListed(fieldsOf(each)));
    },
    put: (name, value) => put(host, service, name, Buffer.from(JSON.stringify(value))),
    get: (artifact) => get(service, artifact),
  };
}

function readListed(fields: Fields): StoredArtifact {
  const { workflow_run_backend_id, workflow_job_run_backend_id } = fields;
  const digest = textField(fields, "digest");
  return {
    name: textField(fields, "name"),
    place: { workflow_run_backend_id, workflow_job_run_backend_id },
    digest: digest === "" ? undefined : digest,
  };
}

/** One file as it is; a name that this attempt used already is refused. */
async function put(host: Host, service: ResultsService, name: string, bytes: Uint8Array): Promise<Digest> {
  const doing = `storing the artifact ${name}`;
  const expires_at = new Date(Date.parse(host.now()) + retentionMilliseconds).toISOString();
  const type = "application/json";
  const created = await service.call("CreateArtifact", { name, version: 7, mime_type: type, expires_at }, doing);
  const headers = { "content-type": type, "x-ms-blob-type": "BlockBlob" };
  await service.blob(textField(created, "signed_upload_url"), { method: "PUT", headers, body: bytes }, doing);
  const digest = digestOf(bytes);
  await service.call("FinalizeArtifact", { name, size: String(bytes.length), hash: digest }, doing);
  return digest;
}

async function get(service: ResultsService, { name, place, digest }: StoredArtifact): Promise<ReadArtifact> {
  const doing = `reading the artifact ${name}`;
  const signed = await service.call("GetSignedArtifactURL", { ...place, name }, doing);
  const bytes = await service.blob(textField(signed, "signed_url"), { method: "GET" }, doing);
  const found = digestOf(bytes);
  if (digest !== undefined && digest !== found) {
    throw new SlipwayError("artifacts-unavailable", `${doing}: its bytes are not those of ${digest}`, {
      hint: runAgain,
    });
  }
  try {
    return { value: JSON.parse(new TextDecoder().decode(bytes)), digest: found };
  } catch (error) {
    throw new SlipwayError("artifacts-unavailable", `${doing}: ${errorMessage(error)}`, {
      hint: runAgain,
      cause: error,
    });
  }
}
