import type { Builder } from "../../buildkit/builder.ts";
import { isInterruption } from "../../errors.ts";
import { asFields, asList, asText, type Fields, fieldsOf, parseJson } from "../../formats/json.ts";
import type { Host } from "../../host.ts";
import type { Lookups, PinnedBase } from "../../inputs/request.ts";
import { parseDigest } from "../../model/digest.ts";
import type { ImageConfig } from "../../model/oci.ts";
import { makePlatform, type Platform } from "../../model/platform.ts";
import { parseReference } from "../../model/reference.ts";
import { baseConfig } from "../planning/lookups.ts";

type LookUpBase = Lookups["base"];

/**
 * Makes a look-up of bases that works as an engine's builder does: the engine's store takes precedence over registries. An image of the
 * store is identified by its digest in the registry, if the registry still has it, else by its id. Source: buildx, build/opt.go,
 * `image-resolve-mode`.
 */
export function makeLocalLookup(host: Host, { name: builder }: Pick<Builder, "name">, lookUp: LookUpBase): LookUpBase {
  // A builder of the driver docker has the name of its docker context.
  const context = builder === "default" ? [] : ["--context", builder];
  return async (reference, platform) => {
    const args = [...context, "image", "inspect", "--format", "{{json .}}", reference];
    const { exitCode, stdout } = await host.run("docker", args);
    const image = exitCode === 0 ? asFields(parseJson(stdout)) : undefined;
    if (image === undefined || platformOf(image) !== platform) return lookUp(reference, platform);
    return (
      (await findInRegistry(image, { reference, platform }, lookUp)) ??
      localBase(image, reference) ??
      lookUp(reference, platform)
    );
  };
}

function platformOf(image: Fields): Platform | undefined {
  const [os, architecture] = [asText(image["Os"]), asText(image["Architecture"])];
  if (os === undefined || architecture === undefined) return undefined;
  return makePlatform({ os, architecture, variant: asText(image["Variant"]) });
}

/** Finds an image of the store in its registry; undefined: it was built locally, or the registry no longer has it. */
async function findInRegistry(
  image: Fields,
  { reference, platform }: { readonly reference: string; readonly platform: Platform },
  lookUp: LookUpBase,
): Promise<PinnedBase | undefined> {
  const named = parseReference(reference)?.name;
  const digests = (asList(image["RepoDigests"]) ?? []).flatMap((each) => parseReference(asText(each) ?? "") ?? []);
  const own = digests.find(({ name }) => name === named)?.digest;
  if (named === undefined || own === undefined) return undefined;
  // If the registry cannot be read, the image's id identifies it as well.
  return lookUp(`${named}@${own}`, platform).catch((error: unknown) => {
    if (isInterruption(error)) throw error;
    return undefined;
  });
}

function localBase(image: Fields, reference: string): PinnedBase | undefined {
  const digest = parseDigest(asText(image["Id"]) ?? "");
  if (digest === undefined) return undefined;
  const { Env, OnBuild } = fieldsOf(image["Config"]);
  const texts = (value: unknown): string[] => (asList(value) ?? []).filter((each) => typeof each === "string");
  const config: Pick<ImageConfig, "config"> = { config: { Env: texts(Env), OnBuild: texts(OnBuild) } };
  return { digest, pin: `${reference.split("@")[0] ?? reference}@${digest}`, config: baseConfig(config) };
}
