import { errorMessage, SlipwayError } from "../errors.ts";
import type { ReadRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import { fieldsOf, type Fields, textField } from "../formats/json.ts";
import { type ResultsService, openResultsService } from "./results-service.ts";

// Artifacts, version 4, of this job's run. https://github.com/actions/toolkit/tree/main/packages/artifact documents the protocol;
// docs/decisions/0011-action.md explains why that package is not used.

/** File that people can download from the run's page. */
export interface KeptFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Days for which the file is kept; undefined: the repository's setting. */
  readonly days: number | undefined;
}

/** Store for data that the jobs of a run pass to each other: JSON under names that are used once. All methods throw `unavailable`. */
export interface ArtifactStore {
  /** Lists the artifacts of all attempts of this run. */
  list(): Promise<readonly StoredArtifact[]>;
  /** Stores a value as JSON. Returns the digest of the stored bytes. */
  put(name: string, value: object): Promise<Digest>;
  /** Stores a file. Returns its digest, and the number in the artifact's address. */
  putFile(file: KeptFile): Promise<{ readonly id: number; readonly digest: Digest }>;
  get(artifact: StoredArtifact): Promise<ReadArtifact>;
}

/** JSON value of an artifact, with the digest of the bytes from which it was read. */
export interface ReadArtifact {
  readonly value: unknown;
  readonly digest: Digest;
}

/** Artifact, as the service lists it. */
export interface StoredArtifact {
  readonly name: string;
  /** Ids of the run and the job at the service, for requests about the artifact. */
  readonly place: Fields;
  /** Digest of the artifact's bytes: `sha256:…`; undefined: the service does not report it. */
  readonly digest: string | undefined;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

const runAgain = "run the job again; if it stays so, re-run all jobs, which write their artifacts anew";

/** Returns GitHub's store for this run. */
export function makeArtifactStore(host: Host, run: ReadRun): ArtifactStore {
  const service = openResultsService(host, run);
  return {
    list: async () => {
      const answer = await service.call("ListArtifacts", {}, "listing the run's artifacts");
      const artifacts = Array.isArray(answer["artifacts"]) ? answer["artifacts"] : [];
      return artifacts.map((each: unknown) => readListed(fieldsOf(each)));
    },
    put: async (name, value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      return (await put(host, service, { name, bytes, type: "application/json", days: 1 })).digest;
    },
    putFile: (file) => put(host, service, { ...file, type: "application/octet-stream" }),
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

/**
 * Stores bytes as an artifact. The service refuses a name that this attempt has used already. Data for other jobs is kept for one day, the shortest
 * time that GitHub allows.
 */
async function put(
  host: Host,
  service: ResultsService,
  { name, bytes, type, days }: KeptFile & { readonly type: string },
): Promise<{ id: number; digest: Digest }> {
  const doing = `storing the artifact ${name}`;
  const created = await service.call(
    "CreateArtifact",
    {
      name,
      version: 7,
      mime_type: type,
      ...(days === undefined
        ? {}
        : { expires_at: new Date(Date.parse(host.now()) + days * dayMilliseconds).toISOString() }),
    },
    doing,
  );
  const headers = { "content-type": type, "x-ms-blob-type": "BlockBlob" };
  await service.blob(textField(created, "signed_upload_url"), { method: "PUT", headers, body: bytes }, doing);
  const digest = digestOf(bytes);
  const ended = await service.call("FinalizeArtifact", { name, size: String(bytes.length), hash: digest }, doing);
  return { id: Number(ended["artifact_id"]), digest };
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
