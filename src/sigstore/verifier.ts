import type { SignedEntity } from "@sigstore/verify";
import { errorMessage } from "../errors.ts";
import { fieldsOf, parseJson } from "../formats/json.ts";
import { parseStatement } from "../attestation/parse-statement.ts";
import { statementType, type VerificationFault, type VerifiedStatement } from "../model/statement.ts";
import { readWorkflowSigner } from "./certificate.ts";
import type { PublicKey } from "./signing-key.ts";

/** What signatures are verified with. */
export interface TrustedRoots {
  /** Reads `trusted_root.json` of each instance of Sigstore that counts; called for the first bundle with a certificate. */
  readonly roots: () => Promise<readonly string[]>;
  readonly keys: readonly PublicKey[];
}

export type Verification =
  | { readonly kind: "verified"; readonly verified: VerifiedStatement }
  | { readonly kind: "fault"; readonly fault: VerificationFault };

/** Verifies bundles in this process. */
export interface BundleVerifier {
  verify(bundle: string | Uint8Array): Promise<Verification>;
}

/**
 * Makes a verifier; loads Sigstore's libraries. A certificate counts with one entry of a log that a root knows, or, under a root without
 * logs, with one timestamp. A key counts without either. Verifying throws what reading the roots throws, and a plain error for a root that is none.
 */
export async function makeVerifier({ roots, keys }: TrustedRoots): Promise<BundleVerifier> {
  const [{ bundleFromJSON, isBundleWithDsseEnvelope, isBundleWithPublicKey }, library, { TrustedRoot }] =
    await Promise.all([import("@sigstore/bundle"), import("@sigstore/verify"), import("@sigstore/protobuf-specs")]);
  const { toSignedEntity, toTrustMaterial, Verifier } = library;
  const openInstances = async () =>
    (await roots()).map((text) => {
      const root = TrustedRoot.fromJSON(JSON.parse(text));
      const isLogged = root.tlogs.length > 0;
      return new Verifier(toTrustMaterial(root), { tlogThreshold: isLogged ? 1 : 0, timestampThreshold: 1 });
    });
  let opening: ReturnType<typeof openInstances> | undefined;
  const findKey = (hint: string) => keys.find((key) => key.hint === hint);
  const withKeys = makeKeyVerifier(library, keys);

  return {
    async verify(content) {
      const bundle = attempt(() => bundleFromJSON(parseJson(content)));
      if (!bundle.done) return fault("not-a-bundle", bundle.because);
      if (!isBundleWithDsseEnvelope(bundle.value))
        return fault("not-a-statement", "it signs a message, not a statement");
      const { payloadType, payload } = bundle.value.content.dsseEnvelope;
      if (payloadType !== statementType) return fault("not-a-statement", `its payload is "${payloadType}"`);
      const statement = parseStatement(payload);
      if (statement === undefined) return fault("not-a-statement", "its payload is no in-toto statement of version 1");
      const entity = attempt(() => toSignedEntity(bundle.value));
      if (!entity.done) return fault("not-a-bundle", entity.because);

      if (isBundleWithPublicKey(bundle.value)) {
        const { hint } = bundle.value.verificationMaterial.content.publicKey;
        const key = findKey(hint);
        if (key === undefined) return fault("unknown-key", `it is signed with the key ${hint}, which is not trusted`);
        // Entries of a log say nothing about a key that is trusted by itself.
        const plain: SignedEntity = { ...entity.value, timestamps: [], tlogEntries: [] };
        const checked = attempt(() => withKeys.verify(plain));
        if (!checked.done) return { kind: "fault", fault: faultOf(checked) };
        return verified({ statement, signer: { kind: "key", key: key.digest }, signedAt: null });
      }
      let last: VerificationFault = { kind: "unknown-root", because: "no trusted root is given" };
      for (const instance of await (opening ??= openInstances())) {
        const checked = attempt(() => instance.verify(entity.value));
        if (checked.done) {
          const { subjectAlternativeName = "", extensions, oids = [] } = checked.value.identity ?? {};
          const signer = readWorkflowSigner(subjectAlternativeName, extensions?.issuer ?? "", oids);
          return verified({ statement, signer, signedAt: timeOf(entity.value) });
        }
        const found = faultOf(checked);
        // The fault of the instance that the certificate comes from says most.
        if (last.kind === "unknown-root" || found.kind !== "unknown-root") last = found;
      }
      return { kind: "fault", fault: last };
    },
  };
}

/** A verifier of signatures by keys that are trusted by themselves, whenever they signed. */
function makeKeyVerifier({ Verifier }: typeof import("@sigstore/verify"), keys: readonly PublicKey[]) {
  const nothing = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  return new Verifier(
    {
      ...nothing,
      publicKey: (hint) => {
        const found = keys.find((key) => key.hint === hint);
        if (found === undefined) throw new Error(`no trusted key is ${hint}`);
        return { publicKey: found.key, validFor: () => true };
      },
    },
    { tlogThreshold: 0, timestampThreshold: 0 },
  );
}

function verified(value: VerifiedStatement): Verification {
  return { kind: "verified", verified: value };
}

function fault(kind: VerificationFault["kind"], because: string): Verification {
  return { kind: "fault", fault: { kind, because } };
}

/** The earliest time that a log or an authority says; both were verified before. */
function timeOf({ timestamps }: SignedEntity): string {
  const times = timestamps.map((each) =>
    each.$case === "timestamp-authority"
      ? each.timestamp.signingTime.getTime()
      : Number(each.tlogEntry.integratedTime) * 1000,
  );
  return new Date(times.toSorted((left, right) => left - right)[0] ?? 0).toISOString();
}

type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly because: string; readonly code: unknown };

function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { done: true, value: run() };
  } catch (error) {
    return { done: false, because: innermost(error), code: fieldsOf(error)["code"] };
  }
}

function innermost(error: unknown): string {
  const { cause } = fieldsOf(error);
  const own = errorMessage(error);
  return cause instanceof Error ? `${own}: ${innermost(cause)}` : own;
}

/** Sorts the faults of @sigstore/verify by its codes. */
function faultOf({ code, because }: Extract<Attempt<unknown>, { done: false }>): VerificationFault {
  if (/no (?:trusted|valid) certificate path found/.test(because)) return { kind: "unknown-root", because };
  switch (code) {
    case "SIGNATURE_ERROR":
      return { kind: "signature", because };
    case "TIMESTAMP_ERROR":
      return { kind: "timestamp", because };
    case "TLOG_ERROR":
    case "TLOG_BODY_ERROR":
    case "TLOG_INCLUSION_PROOF_ERROR":
    case "TLOG_INCLUSION_PROMISE_ERROR":
    case "TLOG_MISSING_INCLUSION_ERROR":
      return { kind: "log", because };
    default:
      return { kind: "certificate", because };
  }
}
