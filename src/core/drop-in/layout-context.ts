import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SlipwayError, whileDoing } from "../../errors.ts";
import { asList, asText, fieldsOf, parseJson } from "../../formats/json.ts";
import type { PinnedBase } from "../../inputs/request.ts";
import { type Digest, parseDigest } from "../../model/digest.ts";
import type { Platform } from "../../model/platform.ts";
import { readImageLayout } from "../planning/image-layout.ts";

const prefix = "oci-layout://";

/** Whether a named context is an image in a local folder. */
export function isLayoutContext(value: string): boolean {
  return value.startsWith(prefix);
}

/**
 * Reads the image of a named context `oci-layout://folder:tag@digest`; the folder starts in `cwd`. Throws `configuration` when the layout
 * has no such image.
 */
export async function readLayoutContext(cwd: string, value: string, platform: Platform): Promise<PinnedBase> {
  const { folder: written, tag, digest: given } = parseLayout(value);
  const folder = resolve(cwd, written);
  const digest = given ?? (await findDigest(folder, tag));
  if (digest === undefined) {
    throw new SlipwayError("context-not-found", `the OCI layout "${written}" has no image called "${tag}"`, {
      hint: `its index.json lists what is in it: name an image by its tag (${prefix}${written}:TAG) or its digest (@sha256:…)`,
    });
  }
  const { base } = await readImageLayout(folder, digest, platform).catch((error: unknown) => {
    throw whileDoing(`reading the image of ${value}`, error);
  });
  return base;
}

interface Layout {
  readonly folder: string;
  readonly tag: string;
  readonly digest: Digest | undefined;
}

/** Source: buildx, util/ocilayout/parse.go. */
function parseLayout(value: string): Layout {
  const [, named = "", hex] = /^(.*?)(?:@(sha256:[0-9a-f]{64}))?$/s.exec(value.slice(prefix.length)) ?? [];
  const [, folder = named, tag = "latest"] = /^(.*):([\w][\w.-]{0,127})$/s.exec(named) ?? [];
  return { folder, tag, digest: hex === undefined ? undefined : parseDigest(hex) };
}

/**
 * Finds the image with this tag, or the only image of the layout if none has the tag; undefined: neither exists. Source: BuildKit,
 * client/ociindex; buildx, build/opt.go, `resolveDigest`.
 */
async function findDigest(folder: string, tag: string): Promise<Digest | undefined> {
  const bytes = await readFile(join(folder, "index.json")).catch((error: unknown) => {
    throw whileDoing(`reading the OCI layout "${folder}"`, error);
  });
  const manifests = (asList(fieldsOf(parseJson(bytes))["manifests"]) ?? []).map(fieldsOf);
  const isNamed = (manifest: (typeof manifests)[number]): boolean =>
    asText(fieldsOf(manifest["annotations"])["org.opencontainers.image.ref.name"]) === tag;
  const found = manifests.find(isNamed) ?? (manifests.length === 1 ? manifests[0] : undefined);
  return parseDigest(asText(found?.["digest"]) ?? "");
}
