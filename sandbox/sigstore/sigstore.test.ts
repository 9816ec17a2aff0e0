import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIdentityToken } from "../../src/github/identity-token.ts";
import { makeRun } from "../../src/github/run.ts";
import { makeRawManifest } from "../../src/images/artifact.ts";
import { attachedTo, attachStatement } from "../../src/images/attached-statements.ts";
import { digestHex } from "../../src/model/digest.ts";
import { mediaType } from "../../src/model/oci.ts";
import type { Statement } from "../../src/model/statement.ts";
import { verifyCommands } from "../../src/model/verify-commands.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { dockerRegistryAbilities, makeRegistryInMemory } from "../../src/registry/testing/registry-in-memory.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { makeSigner } from "../../src/sigstore/signer.ts";
import { imageName } from "../../src/testing/image-name.ts";
import { type GitHub, startGitHub } from "../github/index.ts";
import { githubIssuer } from "./fulcio.ts";
import { type Sigstore, startSigstore } from "./index.ts";
import { type ForeignQuestion, type ForeignVerifier, makeForeignVerifiers } from "./verifiers.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-sigstore-"));
const host = makeNodeHost();
let github: GitHub;
let sigstore: Sigstore;
let listening: { readonly close: () => Promise<void> } | undefined;

beforeAll(async () => {
  github = await startGitHub({ repository: "acme/shop" });
  sigstore = await startSigstore({ issuers: [{ url: `${github.url}/oidc` }] });
});
afterAll(async () => {
  await Promise.all([github.close(), sigstore.close(), listening?.close()]);
  rmSync(folder, { recursive: true });
});

/** Signs as a job of the workflow `release.yml` on main does. */
async function sign(statement: Statement) {
  const env = await github.env({ permissions: { "id-token": "write" } });
  const { identity } = makeRun(env, undefined).tokens;
  if (identity === undefined) throw new Error("the job has no access to tokens");
  const services = { authority: sigstore.url, log: sigstore.url, timestamps: undefined };
  return makeSigner({
    kind: "keyless",
    services,
    getToken: () => getIdentityToken(host, identity, "sigstore"),
  }).sign(statement);
}

const predicateType = "https://slsa.dev/provenance/v1";

describe("a bundle that is signed through the stand-ins", async () => {
  const verifiers = await makeForeignVerifiers(join(folder, "probe"), { trustedRoot: "{}", trustConfig: "{}" });
  let question: ForeignQuestion;
  let real: readonly ForeignVerifier[] = [];

  beforeAll(async () => {
    const store = makeRegistryInMemory(dockerRegistryAbilities);
    const server = await store.listen();
    listening = server;
    const registry = makeRegistry(host);
    const name = imageName(`${server.host}/acme/shop/api`);
    const image = makeRawManifest({ schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [] } as {
      mediaType: string;
    });
    await registry.putManifest(name, image.digest, image);
    const signed = await sign({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name, digest: { sha256: digestHex(image.digest) } }],
      predicateType,
      predicate: { buildDefinition: { buildType: "https://example.test/type" }, runDetails: { builder: { id: "x" } } },
    });
    await attachStatement(registry, name, attachedTo(image), signed);
    question = {
      image: `${name}@${image.digest}`,
      digest: image.digest,
      bundle: signed.bundle,
      predicateType,
      signer: "https://github.com/acme/shop/.github/workflows/release.yml@refs/heads/main",
      issuer: githubIssuer,
      repository: "acme/shop",
    };
    real = await makeForeignVerifiers(join(folder, "real"), sigstore);
  });

  const ask = (name: string, changed: Partial<ForeignQuestion> = {}) => {
    const verifier = real.find((each) => each.name === name);
    if (verifier === undefined) throw new Error(`${name} is not there`);
    return verifier.check({ ...question, ...changed });
  };

  for (const { name, type } of verifiers) {
    if (type === undefined) continue;
    test.each([
      ["accepted", "trunk and tags count", ["refs/heads/main", "refs/tags/v*"], true],
      ["refused", "tags alone count", ["refs/tags/v*"], false],
    ])(`is %s by ${name} with the command of the notes where %s`, async (_, _what, refs, accepted) => {
      const [gh, cosign] = verifyCommands(question.image, {
        repository: "https://github.com/acme/shop",
        issuer: githubIssuer,
        workflows: undefined,
        refs,
        root: "trusted_root.json",
        isKnownToCosign: true,
      });
      const typed = real.find((each) => each.name === name)?.type?.((name === "cosign" ? cosign : gh) ?? "");
      expect(await typed).toMatchObject({ accepted });
    });
  }

  for (const { name } of verifiers) {
    test(`is accepted by ${name}`, async () => {
      const { said, accepted } = await ask(name);
      expect([accepted, said]).toEqual([true, expect.any(String)]);
    });

    test(`is refused by ${name} for another workflow`, async () => {
      const signer = "https://github.com/acme/shop/.github/workflows/other.yml@refs/heads/main";
      expect(await ask(name, { signer })).toMatchObject({ accepted: false });
    });
  }
});
