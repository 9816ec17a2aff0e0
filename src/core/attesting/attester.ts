import type { BuilderRun } from "../../attestation/builder-run.ts";
import { errorMessage, hasKind, SlipwayError } from "../../errors.ts";
import type { Fields } from "../../formats/json.ts";
import { type AttachedTo, attachStatement } from "../../images/attached-statements.ts";
import type { ImageName } from "../../model/reference.ts";
import type { SigningChoice } from "../../model/signing.ts";
import type { SignedStatement, Statement } from "../../model/statement.ts";
import type { SigningKey } from "../../sigstore/signing-key.ts";
import type { Signer } from "../../sigstore/signer.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { describeRun } from "./builder-run.ts";
import { makeRunIdentity, type RunIdentity } from "./identity.ts";
import { type OpenedProof, openProof } from "./open-proof.ts";
import { readKeyText } from "./read-key-text.ts";
import { readServices } from "./sigstore-instance.ts";

/** Signs statements and attaches them to images, for one command. What it needs is asked for at the first signature, and once. */
export interface Attester {
  readonly choice: Exclude<SigningChoice, { kind: "off" }>;
  /** This run, as statements describe it. */
  readRun(): Promise<BuilderRun>;
  sign(statement: Statement): Promise<SignedStatement>;
  /** Opens the verifier and the policy for statements of this run and of earlier ones. */
  openProof(): Promise<OpenedProof>;
  attach(name: ImageName, subject: AttachedTo, signed: SignedStatement): Promise<void>;
}

/** Makes the attester of a run; undefined: it does not sign. Sends no request yet. */
export function makeAttester(workspace: Workspace, choice: SigningChoice): Attester | undefined {
  if (choice.kind === "off") return undefined;
  const identity = choice.kind === "keyless" ? identityOf(workspace) : undefined;
  let reading: Promise<BuilderRun> | undefined;
  let making: Promise<Signer> | undefined;
  let proving: Promise<OpenedProof> | undefined;
  const makeOnce = async (): Promise<Signer> => {
    const { makeSigner } = await import("../../sigstore/signer.ts");
    if (choice.kind === "key") return makeSigner({ kind: "key", key: await readKey(workspace) });
    const run = identity ?? identityOf(workspace);
    checkVisibility(choice, await run.readClaims());
    const services = await readServices(workspace, choice.instance);
    return makeSigner({ kind: "keyless", services, getToken: () => run.getToken() });
  };
  return {
    choice,
    readRun: () => (reading ??= readRun(workspace, identity)),
    sign: async (statement) => signWithRetries(workspace, await (making ??= makeOnce()), statement),
    openProof: () => (proving ??= openProof(workspace)),
    attach: async (name, subject, signed) => void (await attachStatement(workspace.registry, name, subject, signed)),
  };
}

/** Number of tries of one signature. */
const mostTries = 4;

/** Signs; a service that does not answer is asked again, a few seconds later each time. */
async function signWithRetries(
  { host, emit }: Workspace,
  signer: Signer,
  statement: Statement,
): Promise<SignedStatement> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await signer.sign(statement);
    } catch (error) {
      if (attempt === mostTries || !hasKind(error, "signing-unavailable")) throw error;
      const seconds = 2 ** attempt * (0.5 + host.random() / 2);
      emit({ kind: "waiting", message: `${errorMessage(error)}; trying again`, seconds });
      await host.sleep(seconds * 1000);
    }
  }
}

async function readRun(workspace: Workspace, identity: RunIdentity | undefined): Promise<BuilderRun> {
  return describeRun(workspace, await identity?.readClaims());
}

function identityOf({ host, tokens }: Workspace): RunIdentity {
  if (tokens.identity !== undefined) return makeRunIdentity(host, tokens.identity);
  throw new SlipwayError(
    "signing-denied",
    "signing: the run is to sign, and this job may not ask for a token that names it",
  );
}

/** The event may say less of the repository than the token does. */
function checkVisibility(
  choice: Extract<SigningChoice, { kind: "keyless" }>,
  { repository_visibility: is }: Fields,
): void {
  if (choice.instance !== "public" || choice.isAsked || is === "public") return;
  throw new SlipwayError(
    "signing-denied",
    `signing: the repository is ${String(is)}, and the public log would name it`,
    {
      hint: "choose `sign: github` (Enterprise Cloud), `sign: key`, or `sign: public` in slipway.yaml",
    },
  );
}

async function readKey(workspace: Workspace): Promise<SigningKey> {
  const { readSigningKey } = await import("../../sigstore/signing-key.ts");
  const read = await readKeyText(workspace);
  if (read === undefined)
    throw new SlipwayError("signing-denied", "signing: the run is to sign with a key, and there is none here");
  return readSigningKey(read.text, read.source, workspace.host.env["SLIPWAY_SIGNING_PASSWORD"]);
}
