import { createHash, randomBytes, sign } from "node:crypto";
import { answer, asObject, asText, type GitHubAnswer, type GitHubRequest, json, objectIn } from "../github/message.ts";
import { canonical } from "./canonical.ts";
import type { SigningKey } from "./keys.ts";
import { makeMerkleTree } from "./merkle.ts";

/** An entry as the log answers it, under its id. */
type Entry = Readonly<Record<string, unknown>>;

/**
 * A transparency log with Rekor's first API, for `dsse` entries.
 * https://github.com/sigstore/rekor/blob/main/openapi.yaml
 */
export interface Rekor {
  answer(request: GitHubRequest): GitHubAnswer;
}

export function makeRekor(key: SigningKey, origin: string, now: () => number): Rekor {
  const tree = makeMerkleTree();
  // sigstore-python refuses an entry with the index 0.
  tree.add(Buffer.from("the first entry of this log"));
  const entries = new Map<string, Entry>();
  const idByBody = new Map<string, string>();

  const append = (body: Buffer): Entry => {
    const logIndex = tree.add(body);
    const logID = key.id.toString("hex");
    const integratedTime = Math.floor(now() / 1000);
    const promised = { body: body.toString("base64"), integratedTime, logIndex, logID };
    const checkpoint = signNote(key, origin, `${origin} - 1\n${tree.size}\n${tree.root().toString("base64")}\n`);
    return {
      ...promised,
      verification: {
        signedEntryTimestamp: sign("sha256", Buffer.from(canonical(promised)), key.privateKey).toString("base64"),
        inclusionProof: {
          logIndex,
          treeSize: tree.size,
          rootHash: tree.root().toString("hex"),
          hashes: tree.path(logIndex).map((hash) => hash.toString("hex")),
          checkpoint,
        },
      },
    };
  };

  return {
    answer(request) {
      const id = /^\/api\/v1\/log\/entries\/(\w+)$/.exec(request.url.pathname)?.[1];
      if (request.method === "GET" && id !== undefined) {
        const entry = entries.get(id);
        return entry === undefined ? refusal(404, "entry not found") : json(200, { [id]: entry });
      }
      if (request.method !== "POST" || request.url.pathname !== "/api/v1/log/entries") return refusal(404, "not found");
      const body = canonicalEntry(request.body);
      if (body === undefined) return refusal(400, "invalid entry: not a dsse entry of version 0.0.1");
      const known = idByBody.get(body);
      if (known !== undefined) {
        return answer(
          409,
          { location: `/api/v1/log/entries/${known}`, "content-type": "application/json" },
          JSON.stringify({ code: 409, message: "an equivalent entry already exists in the transparency log" }),
        );
      }
      const made = randomBytes(32).toString("hex");
      idByBody.set(body, made);
      entries.set(made, append(Buffer.from(body)));
      return json(201, { [made]: entries.get(made) }, { location: `/api/v1/log/entries/${made}` });
    },
  };
}

/** What the log keeps of a proposed entry: hashes, signatures and who verifies them, never the payload. */
function canonicalEntry(request: Uint8Array): string | undefined {
  const proposed = objectIn(request);
  const content = asObject(asObject(proposed?.["spec"])?.["proposedContent"]);
  const envelopeText = asText(content?.["envelope"]);
  const envelope = objectIn(Buffer.from(envelopeText));
  const { signatures } = envelope ?? {};
  const verifiers = content?.["verifiers"];
  if (proposed?.["kind"] !== "dsse" || proposed["apiVersion"] !== "0.0.1") return undefined;
  if (!Array.isArray(signatures) || !Array.isArray(verifiers)) return undefined;
  return canonical({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: sha256(Buffer.from(envelopeText)),
      payloadHash: sha256(Buffer.from(asText(envelope?.["payload"]), "base64")),
      signatures: signatures.map((each: unknown, at) => ({
        signature: asText(asObject(each)?.["sig"]),
        verifier: Buffer.from(foldPem(Buffer.from(asText(verifiers[at]), "base64").toString())).toString("base64"),
      })),
    },
  });
}

/** PEM as Go writes it, with 64 columns: the log reads keys and certificates and encodes them again. */
function foldPem(pem: string): string {
  const found = /^-----BEGIN ([A-Z ]+)-----([\s\S]*)-----END/.exec(pem.trim());
  const [, label = "", body = ""] = found ?? [];
  const lines = body.replaceAll(/\s/g, "").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** https://github.com/C2SP/C2SP/blob/main/signed-note.md */
function signNote(key: SigningKey, name: string, text: string): string {
  const signature = sign("sha256", Buffer.from(text), key.privateKey);
  return `${text}\n\u2014 ${name} ${Buffer.concat([key.id.subarray(0, 4), signature]).toString("base64")}\n`;
}

function sha256(bytes: Uint8Array): { readonly algorithm: string; readonly value: string } {
  return { algorithm: "sha256", value: createHash("sha256").update(bytes).digest("hex") };
}

function refusal(status: number, message: string): GitHubAnswer {
  return json(status, { code: status, message });
}
