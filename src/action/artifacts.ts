import { errorMessage, SlipwayError } from "../errors.ts";
import type { ReadRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import { type Digest, digestOf } from "../model/digest.ts";
import { fieldsOf, type Fields, textField } from "../formats/json.ts";
import { type ResultsService, openResultsService } from "./results-service.ts";

// Artifacts, version 4, of the run that this job is of. https://github.com/actions/toolkit/tree/main/packages/artifact has the
// protocol, and is not used itself: docs/decisions/0011-action.md.

/** A file for whoever looks at the run. */
export interface KeptFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Undefined: as the repository keeps artifacts. */
  readonly days: number | undefined;
}

/** What the jobs of a run hand to each other: JSON under names that are used once. All methods throw `unavailable`. */
export interface ArtifactStore {
  /** Of all attempts of this run. */
  list(): Promise<readonly StoredArtifact[]>;
  /** Gives the digest of the stored bytes. */
  put(name: string, value: object): Promise<Digest>;
  /** Gives the number in the artifact's address. */
  putFile(file: KeptFile): Promise<{ readonly id: number; readonly digest: Digest }>;
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

const dayMilliseconds = 24 * 60 * 60 * 1000;

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

/** One file as it is; a name that this attempt used already is refused. What jobs hand over is kept a day, GitHub's least. */
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
