import { mkdir } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../errors.ts";
import { parseJson } from "../formats/json.ts";
import { chooseServices, type SigningServices } from "./services.ts";

/** Where an instance of Sigstore says of itself. */
export interface TufSource {
  /** Base address of the TUF repository; undefined: the public instance's. */
  readonly mirror: string | undefined;
  /** File of the first root; undefined: the one that @sigstore/tuf brings along, for the public instance. */
  readonly root: string | undefined;
  /** Folder of this user, for the metadata of earlier times. */
  readonly cache: string;
}

/** What an instance of Sigstore says of itself. */
export interface InstanceFacts {
  /** `trusted_root.json`. */
  readonly trustedRoot: string;
  /** Undefined: it lists no services that Slipway can sign with. */
  readonly services: SigningServices | undefined;
}

/**
 * Reads the trusted root and the signing services of an instance from its TUF repository. Throws `signing-unavailable` where the repository
 * does not answer or its metadata does not verify. https://theupdateframework.github.io/specification/latest/
 */
export async function readInstance({ mirror, root, cache }: TufSource, now: Date): Promise<InstanceFacts> {
  const [{ initTUF }, { SigningConfig }] = await Promise.all([
    import("@sigstore/tuf"),
    import("@sigstore/protobuf-specs"),
  ]);
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    const client = await initTUF({
      cachePath: cache,
      timeout: 10_000,
      retry: { retries: 3, minTimeout: 500, maxTimeout: 4000 },
      ...(mirror === undefined ? {} : { mirrorURL: mirror }),
      // The root of slipway.yaml counts, whatever an earlier run kept of this address.
      ...(root === undefined ? {} : { rootPath: root, forceInit: true }),
    });
    const [trustedRoot, config] = await Promise.all([
      client.getTarget("trusted_root.json"),
      client.getTarget("signing_config.v0.2.json"),
    ]);
    const listed = SigningConfig.fromJSON(parseJson(config));
    return { trustedRoot, services: chooseServices(listed, now) };
  } catch (error) {
    const where = mirror ?? "the public instance";
    throw new SlipwayError(
      "signing-unavailable",
      `reading what Sigstore says of itself (TUF, ${where}): ${errorMessage(error)}`,
      {
        cause: error,
      },
    );
  }
}
