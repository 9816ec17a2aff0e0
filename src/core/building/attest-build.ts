import { provenanceStatement } from "../../attestation/provenance.ts";
import { attachedTo } from "../../images/attached-statements.ts";
import { makeServiceIndex, platformChildren } from "../../images/service-index.ts";
import type { Digest } from "../../model/digest.ts";
import { algorithmSetting } from "../../model/inputs.ts";
import { settleAll } from "../../model/settle.ts";
import { unreadable } from "../../registry/unreadable.ts";
import type { BuildContext, PlatformBuild } from "./build-context.ts";

/** What a solve pushed, and when it ran. */
export interface PushedBuild {
  readonly pushed: Digest;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/**
 * Signs where a built image comes from, and attaches that to its manifest, before it is published under its fingerprint. Where the service has
 * no other platform, its index is made and covered, too, since a tag names that one. Does nothing in a run that does not sign.
 */
export async function attestBuild(
  { attester, workspace: { registry } }: BuildContext,
  { service, platform, read }: PlatformBuild,
  { pushed, startedAt, finishedAt }: PushedBuild,
): Promise<void> {
  const { fingerprint, settings } = read.inputs;
  if (attester === undefined || fingerprint === null) return;
  const [name] = service.images;
  const raw = await registry.getManifest(name, pushed);
  const found = raw === undefined ? undefined : platformChildren(raw, platform);
  const image = found?.children[0];
  if (raw === undefined || found === undefined || image === undefined) {
    throw unreadable(`signing ${name}@${pushed}`, "image for its platform", raw?.bytes ?? new Uint8Array());
  }
  const index = service.platforms.length === 1 ? makeServiceIndex([found]) : undefined;
  const subjects = [image, ...(index === undefined ? [] : [attachedTo(index)])];
  const statement = provenanceStatement({
    subjects: subjects.map(({ digest }) => ({ name, digest })),
    run: await attester.readRun(),
    service: service.name,
    fingerprint,
    algorithm: settings[algorithmSetting] ?? "",
    definition: read.definition,
    startedAt,
    finishedAt,
  });
  const [signed] = await settleAll([
    attester.sign(statement),
    index === undefined ? Promise.resolve() : registry.putManifest(name, index.digest, index),
  ]);
  const { digest, mediaType, size } = image;
  await settleAll(
    [{ digest, mediaType, size }, ...subjects.slice(1)].map((each) => attester.attach(name, each, signed)),
  );
}
