import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { isBuilt, isPutTogether } from "../../attestation/prove-service.ts";
import { releaseType } from "../../attestation/release.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { asFields, asList, asText, fieldsOf } from "../../formats/json.ts";
import { readAttestationTypes } from "../../images/attestation-types.ts";
import type { Digest } from "../../model/digest.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import type { ReleasedService } from "../../model/release.ts";
import { settleAll } from "../../model/settle.ts";
import type { Statement } from "../../model/statement.ts";
import type { CountedStatement, ImageProof, VerifyDocument } from "../../model/verification.ts";
import { findRecordedRelease } from "../../records/find-release.ts";
import { readRecords, readReleaseRecord, type StoredRelease } from "../../records/records.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { OpenedProof } from "./open-proof.ts";
import { openVerifier } from "./open-verifier.ts";
import { proveImages } from "./prove-images.ts";
import { judgeBundle, readStatements, type TrustedStatement } from "./read-statements.ts";
import { makeTrustPolicy, releaseRefs } from "./trust-policy.ts";

/** What to verify. */
export interface VerifyRequest {
  /** A release, `NAME@sha256:…` or `NAME:TAG`; undefined: the newest release. */
  readonly what: string | undefined;
  readonly group: string | undefined;
  /** File of bundles, one a line, in place of every registry; relative to the working directory. */
  readonly offline: string | undefined;
}

/** Verifies a release or an image against slipway.yaml's `trust`. What is not proven is in the result. */
export async function verifyReleased(workspace: Workspace, request: VerifyRequest): Promise<VerifyDocument> {
  const { what, offline } = request;
  const { verifier, keys } = await openVerifier(workspace, offline !== undefined);
  const tools = { verifier, policy: makeTrustPolicy(workspace, keys, releaseRefs(workspace)) };
  if (offline !== undefined) return verifyOffline(workspace, what, offline, tools);
  const reference = what === undefined || !/[:@/]/.test(what) ? undefined : parseReference(what);
  if (reference === undefined) return verifyRelease(workspace, request, tools);
  const { name, tag = "latest" } = reference;
  const digest = reference.digest ?? (await workspace.registry.headManifest(name, tag))?.digest;
  if (digest === undefined) {
    throw new SlipwayError("content-missing", `verifying ${what ?? name}: the registry has no such image`);
  }
  const image = await verifyImage(workspace, { name, digest }, tools);
  return { version: 1, release: null, isProven: image.isProven, missing: [], images: [image] };
}

async function verifyRelease(
  workspace: Workspace,
  { what, group }: VerifyRequest,
  tools: OpenedProof,
): Promise<VerifyDocument> {
  const { registry, project } = workspace;
  const index = await readRecords(registry, project.releases);
  const newest = index.releases.filter(({ kind }) => kind === "version").at(-1) ?? index.releases.at(-1);
  const name = what === undefined ? newest : findRecordedRelease(index, what, group);
  if (name === undefined) throw new SlipwayError("no-such-release", "verifying: nothing has been released yet");
  const stored = await readReleaseRecord(registry, project.releases, name.tag);
  if (stored === undefined) throw new SlipwayError("no-such-release", `verifying ${name.tag}: its record is not there`);
  const [missing, images] = await settleAll([
    findReleaseGaps(workspace, stored, tools),
    settleAll(
      stored.manifest.services.flatMap((each) => everyName(each).map((one) => verifyService(workspace, one, tools))),
    ),
  ]);
  const isProven = missing.length === 0 && images.every((each) => each.isProven);
  return { version: 1, release: name.tag, isProven, missing, images };
}

/** A service's image under each of its names by itself: a copy has to carry what the first one has. */
function everyName(service: ReleasedService): ReleasedService[] {
  return service.images.map((name) => ({ ...service, images: [name] }));
}

/** What the release's own statement leaves open. A branch's release has none. */
async function findReleaseGaps(
  workspace: Workspace,
  { name, raw, manifest }: StoredRelease,
  tools: OpenedProof,
): Promise<string[]> {
  if (name.kind === "branch") return [];
  const { registry, project } = workspace;
  const at = { name: project.releases, digest: raw.digest };
  const { trusted, distrusted } = await readStatements(registry, at, tools.verifier, tools.policy);
  const own = trusted.find(({ statement }) => statement.predicateType === releaseType && covers(statement, raw.digest));
  if (own === undefined) return [`nothing vouches for the record of ${name.tag} (looked in ${at.name})`, ...distrusted];
  const digests = manifest.services.flatMap(({ digest, platforms }) => [
    digest,
    ...platforms.map((each) => each.digest),
  ]);
  return digests
    .filter((digest) => !covers(own.statement, digest))
    .map((digest) => `its statement does not cover ${digest}`);
}

function covers({ subject }: Statement, digest: Digest): boolean {
  return subject.some((each) => `sha256:${each.digest.sha256}` === digest);
}

async function verifyService(workspace: Workspace, service: ReleasedService, tools: OpenedProof): Promise<ImageProof> {
  const {
    images: [name],
    digest,
  } = service;
  const [[proven], hasSbom] = await settleAll([
    proveImages(workspace, [service], new Map(), { ...tools, attester: undefined }),
    hasPackages(workspace, name, digest),
  ]);
  const { trusted = [], gaps = [], distrusted = [] } = proven ?? {};
  const missing = gaps.map(({ because }) => `${because} (looked in ${name})`);
  return describe({ service: service.service, name, digest, trusted, missing, distrusted, hasSbom });
}

async function verifyImage(
  workspace: Workspace,
  { name, digest }: { readonly name: ImageName; readonly digest: Digest },
  { verifier, policy }: OpenedProof,
): Promise<ImageProof> {
  const [{ trusted, distrusted }, hasSbom] = await settleAll([
    readStatements(workspace.registry, { name, digest }, verifier, policy),
    hasPackages(workspace, name, digest),
  ]);
  const isCovered = trusted.some(({ statement }) => isBuilt(statement, digest) || isPutTogether(statement, digest));
  const missing = isCovered ? [] : [`nothing says who built it (looked in ${name})`];
  return describe({ service: null, name, digest, trusted, missing, distrusted, hasSbom });
}

async function hasPackages({ registry }: Workspace, name: ImageName, digest: Digest): Promise<boolean> {
  const raw = await registry.getManifest(name, digest);
  return raw !== undefined && (await readAttestationTypes(registry, name, raw)).includes("sbom");
}

interface Findings extends Pick<ImageProof, "service" | "name" | "digest" | "missing" | "distrusted" | "hasSbom"> {
  readonly trusted: readonly TrustedStatement[];
}

function describe({ trusted, hasSbom, ...found }: Findings): ImageProof {
  const statements = trusted.map(describeStatement);
  const isSigned = statements.some(({ predicateType }) => predicateType.startsWith("https://spdx.dev/Document"));
  return { ...found, isProven: found.missing.length === 0, statements, hasSbom: hasSbom || isSigned };
}

function describeStatement({ statement, signer, signedAt }: TrustedStatement): CountedStatement {
  const definition = fieldsOf(statement.predicate["buildDefinition"]);
  const madeFrom = (asList(definition["resolvedDependencies"]) ?? []).flatMap((each) => {
    const fields = asFields(each);
    const [digest] = Object.values(fieldsOf(fields?.["digest"])).flatMap((value) => asText(value) ?? []);
    const name = asText(fields?.["uri"]) ?? asText(fields?.["name"]);
    return digest === undefined || name === undefined ? [] : [{ name, digest }];
  });
  return { predicateType: statement.predicateType, signer, signedAt, madeFrom };
}

/**
 * Verifies against a file of bundles alone. Without an image, the statement of a release in it says which digests have to be covered. No
 * request is made.
 */
async function verifyOffline(
  { host }: Workspace,
  what: string | undefined,
  file: string,
  { verifier, policy }: OpenedProof,
): Promise<VerifyDocument> {
  const lines = (await readLines(resolve(host.cwd, file), file)).filter((line) => line.trim() !== "");
  const judged = await settleAll(lines.map((line) => judgeBundle(line, verifier, policy)));
  const trusted = judged.filter((each) => typeof each !== "string");
  const distrusted = judged.filter((each) => typeof each === "string");
  const releases = trusted.filter(({ statement }) => statement.predicateType === releaseType);
  const reference = what === undefined ? undefined : parseReference(what);
  if (what !== undefined && reference?.digest === undefined) {
    throw new SlipwayError(
      "option-invalid",
      `verifying "${what}" offline: without a registry only a digest says which image it is`,
      {
        hint: "write NAME@sha256:…, or nothing for everything that the release's statement lists",
      },
    );
  }
  const wanted =
    reference?.digest === undefined
      ? releases.flatMap(({ statement }) => imagesOf(statement))
      : [{ name: reference.name, digest: reference.digest }];
  const images = wanted.map(({ name, digest }) => {
    const own = trusted.filter(({ statement }) => covers(statement, digest));
    const isCovered = own.some(({ statement }) => isBuilt(statement, digest) || isPutTogether(statement, digest));
    const missing = isCovered ? [] : [`nothing says who built it (looked in ${file})`];
    return describe({
      service: null,
      name,
      digest,
      trusted: own,
      missing,
      distrusted: isCovered ? [] : distrusted,
      hasSbom: false,
    });
  });
  const missing = wanted.length > 0 ? [] : [`${file} holds no statement of a release that counts`, ...distrusted];
  const isProven = missing.length === 0 && images.every((each) => each.isProven);
  return { version: 1, release: null, isProven, missing, images };
}

/** The images of a release's statement: its subjects with the name of an image; the record is none that was built. */
function imagesOf({ subject, predicate }: Statement): readonly { readonly name: ImageName; readonly digest: Digest }[] {
  return subject.flatMap(({ name, digest }) => {
    const parsed = parseReference(`${name}@sha256:${digest.sha256}`);
    return parsed?.digest === undefined || name === predicate["record"]
      ? []
      : [{ name: parsed.name, digest: parsed.digest }];
  });
}

async function readLines(path: string, file: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n");
  } catch (error) {
    throw new SlipwayError("option-invalid", `reading the bundles ${file}: ${errorMessage(error)}`, {
      hint: "--offline takes a file with one Sigstore bundle in JSON on each line",
    });
  }
}
