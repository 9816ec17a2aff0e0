import type { Digest } from "../../model/digest.ts";
import { parseDigest } from "../../model/digest.ts";
import { readContent } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import type { BuiltPlainly } from "./build-plainly.ts";
import type { InvocationReading } from "./read-invocation.ts";

/**
 * Finds the digest that a build pushed; undefined: it is not known for sure. buildx reports the digest of one output. Where an image is
 * pushed and loaded, that is the loaded one's, which is only a part of what was pushed.
 */
export async function findPushedDigest(
  registry: Registry,
  { invocation, wanted }: Pick<InvocationReading, "invocation" | "wanted">,
  { digest, stderrLines }: Pick<BuiltPlainly, "digest" | "stderrLines">,
): Promise<Digest | undefined> {
  if (invocation.outputs.length < 2 || digest === undefined) return digest;
  const [place] = wanted.push;
  if (place === undefined) return digest;
  const told = digestsIn(stderrLines ?? [], `${place.name}${place.tag === null ? "" : `:${place.tag}`}`);
  if (told.length > 0) return told.length === 1 ? told[0] : undefined;
  if (place.tag === null) return undefined;
  const raw = await registry.getManifest(place.name, place.tag);
  const parts = raw === undefined ? [] : (readContent(raw.bytes)?.manifests ?? []).map((part) => part.digest);
  return raw !== undefined && [raw.digest, ...parts].includes(digest) ? raw.digest : undefined;
}

/** The digests that BuildKit says it pushes a reference with. Source: BuildKit, util/push/push.go. */
function digestsIn(stderrLines: readonly string[], reference: string): readonly Digest[] {
  const before = `pushing manifest for ${reference}@`;
  const digests = stderrLines.flatMap((line) => {
    const at = line.indexOf(before);
    const digest = at < 0 ? undefined : parseDigest(line.slice(at + before.length).split(" ")[0] ?? "");
    return digest === undefined ? [] : [digest];
  });
  return [...new Set(digests)];
}
