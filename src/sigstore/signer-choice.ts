import type { SigningServices } from "./services.ts";
import type { SigningKey } from "./signing-key.ts";

/** Who signs: a short-lived certificate for this run, or a key. */
export type SignerChoice =
  | {
      readonly kind: "keyless";
      readonly services: SigningServices;
      /** A token of the run for the audience `sigstore`. */
      readonly getToken: () => Promise<string>;
    }
  | { readonly kind: "key"; readonly key: SigningKey };
