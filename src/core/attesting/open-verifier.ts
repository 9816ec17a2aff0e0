import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { type BundleVerifier, makeVerifier } from "../../sigstore/verifier.ts";
import { asFields, parseJson } from "../../formats/json.ts";
import { type PublicKey, readPublicKey, readSigningKey } from "../../sigstore/signing-key.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { readKeyText } from "./read-key-text.ts";
import { readConfiguredInstance } from "./sigstore-instance.ts";

/** A verifier, and the keys that count for it. */
export interface OpenedVerifier {
  readonly verifier: BundleVerifier;
  readonly keys: readonly PublicKey[];
}

/**
 * Opens the verifier of a repository: with the keys and roots of slipway.yaml, the public half of the key that signs, and the root that TUF
 * gives, which is asked for once there is a certificate to verify. `isOffline`: without the latter.
 */
export async function openVerifier(workspace: Workspace, isOffline = false): Promise<OpenedVerifier> {
  const { trust } = workspace.project.signing;
  const written = await Promise.all(
    trust.keys.map(async (file) => readPublicKey(await readText(workspace, file, "public key"), file)),
  );
  const own = await readOwnKey(workspace);
  const keys = own === undefined ? written : [own, ...written];
  const roots = async (): Promise<readonly string[]> => {
    const files = await Promise.all(trust.roots.map((file) => readRoot(workspace, file)));
    return isOffline ? files : [(await readConfiguredInstance(workspace)).trustedRoot, ...files];
  };
  return { verifier: await makeVerifier({ roots, keys }), keys };
}

async function readRoot(workspace: Workspace, file: string): Promise<string> {
  const text = await readText(workspace, file, "trusted root");
  if (asFields(parseJson(text))?.["certificateAuthorities"] !== undefined) return text;
  throw new SlipwayError(
    "trust-invalid",
    `reading the trusted root ${file} (\`trust.roots\`): it is no trusted_root.json`,
  );
}

async function readOwnKey(workspace: Workspace): Promise<PublicKey | undefined> {
  const read = await readKeyText(workspace);
  if (read === undefined) return undefined;
  return readSigningKey(read.text, read.source, workspace.host.env["SLIPWAY_SIGNING_PASSWORD"]).publicKey;
}

async function readText({ repository }: Workspace, file: string, what: string): Promise<string> {
  try {
    return await readFile(resolve(repository.root, file), "utf8");
  } catch (error) {
    throw new SlipwayError("trust-invalid", `reading the ${what} ${file} (\`trust\`): ${errorMessage(error)}`);
  }
}
