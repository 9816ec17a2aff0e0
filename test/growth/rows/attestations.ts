import { digestOf } from "../../../src/model/digest.ts";
import { list, type Row } from "../row.ts";

/** Statements and certificates: whoever may push to a registry attaches them. */
export async function attestationRows(): Promise<readonly Row[]> {
  const [statements, certificates, refs, proofs, judges] = await Promise.all([
    import("../../../src/attestation/parse-statement.ts"),
    import("../../../src/sigstore/certificate.ts"),
    import("../../../src/attestation/ref-pattern.ts"),
    import("../../../src/attestation/prove-service.ts"),
    import("../../../src/attestation/judge.ts"),
  ]);
  return [
    [
      "a statement, the certificate of its signer, and what both prove",
      200,
      (size) => {
        const subject = list(size, (index) => ({
          name: `${index}`,
          digest: { sha256: digestOf(`${index}`).slice(7) },
        }));
        const resolvedDependencies = subject.map(({ digest }) => ({ digest }));
        const predicate = {
          buildDefinition: { buildType: "https://slipway.dev/buildtypes/assembly/v1", resolvedDependencies },
        };
        const predicateType = "https://slsa.dev/provenance/v1";
        const text = JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate });
        const listed = list(size, (index) => ({
          oid: { id: [1, 3, 6, 1, 4, 1, 57264, 1, index] },
          value: Buffer.concat([Buffer.from([0x0c, 0x81, 0x40]), Buffer.alloc(64, 0x61)]),
        }));
        const long = "a".repeat(size);
        return () => {
          const statement = statements.parseStatement(text);
          if (statement === undefined) throw new Error("the statement does not parse");
          const signer = certificates.readWorkflowSigner(`https://github.com/${long}`, "https://issuer.test", listed);
          refs.isRefAllowed(`refs/heads/*${long}*b`, `refs/heads/${long}${long}`);
          const platforms = [{ platform: "linux/amd64", digest: digestOf("1"), fingerprint: digestOf("f"), size: 1 }];
          proofs.findProofGaps({ digest: digestOf("2"), platforms } as never, [statement]);
          judges.judgeSigner(
            { signer },
            {
              issuer: "https://issuer.test",
              repository: "https://github.com/acme/shop",
              repositoryId: undefined,
              workflows: [long],
              refs: [`refs/heads/*${long}`],
              keys: [],
            },
          );
        };
      },
    ],
  ];
}
