import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { makeVerifier, type BundleVerifier, type TrustedRoots } from "../../sigstore/verifier.ts";
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
 * gives. `isOffline`: without the latter.
 */
export async function openVerifier(workspace: Workspace, isOffline = false): Promise<OpenedVerifier> {
  const { trust, mode } = workspace.project.signing;
  const written = await Promise.all(
    trust.keys.map(async (file) => readPublicKey(await readText(workspace, file, "public key"), file)),
  );
  const own = await readOwnKey(workspace);
  const keys = own === undefined ? written : [own, ...written];
  const files = await Promise.all(trust.roots.map((file) => readText(workspace, file, "trusted root")));
  // Whoever signs with a key alone need not reach Sigstore.
  const isKeyed = mode === "key" || (mode === "auto" && own !== undefined);
  const fromTuf = isOffline || isKeyed ? [] : [(await readConfiguredInstance(workspace)).trustedRoot];
  return { verifier: await openRoots({ roots: [...fromTuf, ...files], keys }), keys };
}

async function openRoots(roots: TrustedRoots): Promise<BundleVerifier> {
  try {
    return await makeVerifier(roots);
  } catch (error) {
    throw new SlipwayError("trust-invalid", `reading the trusted roots (\`trust.roots\`): ${errorMessage(error)}`);
  }
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
