import { type JsonObject, asObject, asText, json, objectIn, pageOf, refusal } from "./message.ts";
import type { Route } from "./route.ts";

/** A Sigstore bundle, and what its statement says. */
export interface Attestation {
  readonly id: number;
  readonly bundle: JsonObject;
  readonly predicateType: string;
  /** `sha256:…` of each subject. */
  readonly subjects: readonly string[];
}

/** https://docs.github.com/rest/repos/attestations */
export function attestationRoutes(attestations: Attestation[], repositoryId: number, url: string): readonly Route[] {
  const listed: Route["handle"] = ({ request, params }) => {
    const type = request.url.searchParams.get("predicate_type");
    const found = attestations
      .filter((each) => each.subjects.includes(params["digest"] ?? ""))
      .filter((each) => type === null || each.predicateType === type || shortNames[type] === each.predicateType);
    const { items, headers } = pageOf(request, found);
    const described = items.map(({ id, bundle }) => ({
      bundle,
      repository_id: repositoryId,
      bundle_url: `${url}/attestations/${id}`,
      initiator: "user",
    }));
    return json(200, { attestations: described }, headers);
  };
  return [
    {
      on: "POST /repos/:owner/:repo/attestations",
      handle({ request }) {
        const bundle = asObject(objectIn(request.body)?.["bundle"]);
        const statement = bundle && statementIn(bundle);
        if (bundle === undefined || statement === undefined) return refusal(422, "Invalid request: bundle");
        const id = attestations.length + 1;
        attestations.push({ id, bundle, ...statement });
        return json(201, { id });
      },
    },
    { on: "GET /repos/:owner/:repo/attestations/:digest", handle: listed },
    { on: "GET /orgs/:owner/attestations/:digest", handle: listed },
    { on: "GET /users/:owner/attestations/:digest", handle: listed },
  ];
}

const shortNames: Readonly<Record<string, string>> = {
  provenance: "https://slsa.dev/provenance/v1",
  sbom: "https://spdx.dev/Document/v2.3",
};

function statementIn(bundle: JsonObject): Pick<Attestation, "predicateType" | "subjects"> | undefined {
  const payload = asText(asObject(bundle["dsseEnvelope"])?.["payload"]);
  const statement = objectIn(Buffer.from(payload, "base64"));
  const subjects = statement?.["subject"];
  if (statement === undefined || !Array.isArray(subjects)) return undefined;
  return {
    predicateType: asText(statement["predicateType"]),
    subjects: subjects.map((subject) => `sha256:${asText(asObject(asObject(subject)?.["digest"])?.["sha256"])}`),
  };
}
