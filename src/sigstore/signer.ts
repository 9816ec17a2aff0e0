import { SlipwayError } from "../errors.ts";
import { type SignedStatement, type Statement, statementType } from "../model/statement.ts";
import { signingFault } from "./signing-fault.ts";
import type { SignerChoice } from "./signer-choice.ts";

/** Signs statements. */
export interface Signer {
  sign(statement: Statement): Promise<SignedStatement>;
}

/** Milliseconds until one request to a service of Sigstore counts as lost. Who calls repeats the whole signature. */
const waits = { timeout: 20_000, retry: false } as const;

/** Makes a signer; Sigstore's libraries are loaded by the first signature. Throws `signing-denied` or `signing-unavailable`. */
export function makeSigner(choice: SignerChoice): Signer {
  return {
    async sign(statement) {
      const [{ DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness }, { bundleToJSON }] = await Promise.all([
        import("@sigstore/sign"),
        import("@sigstore/bundle"),
      ]);
      const data = Buffer.from(JSON.stringify(statement));
      try {
        const builder = new DSSEBundleBuilder(
          choice.kind === "key"
            ? { signer: choice.key, witnesses: [] }
            : {
                signer: new FulcioSigner({
                  fulcioBaseURL: choice.services.authority,
                  identityProvider: { getToken: choice.getToken },
                  ...waits,
                }),
                witnesses: [
                  ...(choice.services.log === undefined
                    ? []
                    : [new RekorWitness({ rekorBaseURL: choice.services.log, fetchOnConflict: true, ...waits })]),
                  ...(choice.services.timestamps === undefined
                    ? []
                    : [new TSAWitness({ tsaBaseURL: choice.services.timestamps, ...waits })]),
                ],
              },
        );
        const bundle = await builder.create({ data, type: statementType });
        return { statement, bundle: JSON.stringify(bundleToJSON(bundle)) };
      } catch (error) {
        if (error instanceof SlipwayError) throw error;
        throw signingFault(error, choice);
      }
    },
  };
}
