import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseMetadata } from "../../buildkit/metadata.ts";
import { asText, type Fields, fieldsOf, parseJson } from "../../formats/json.ts";
import type { BuildInvocation } from "../../model/build-invocation.ts";
import type { Digest } from "../../model/digest.ts";
import { makeTemporaryFolder } from "../../temporary-folder.ts";
import type { DropInContext, DropInRequest } from "./request.ts";

/** Result of the caller's build. */
export interface BuiltPlainly {
  readonly exitCode: number;
  /** Metadata of buildx; empty if the build failed. */
  readonly metadata: Fields;
  readonly digest: Digest | undefined;
  readonly imageId: string | undefined;
  readonly seconds: number;
  readonly stderrLines: readonly string[] | undefined;
}

/** Arguments, working directory and environment of a build. */
export interface BuildPlace {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Builds with the caller's own arguments, or with those of `place`. Adds only a metadata file, if the caller asks for none. */
export async function buildPlainly(
  { host, runBuild }: DropInContext,
  request: Pick<DropInRequest, "argv" | "cwd">,
  { reports, call }: Pick<BuildInvocation, "reports" | "call">,
  place: BuildPlace = { ...request, env: {} },
): Promise<BuiltPlainly> {
  const folder = await makeTemporaryFolder(host, "build");
  const started = host.monotonic();
  try {
    const asked = reports.metadataFile;
    const isAdded = asked === undefined && call === "build";
    const file = isAdded
      ? join(folder, "metadata.json")
      : asked === undefined
        ? undefined
        : resolve(request.cwd, asked);
    const added = isAdded && file !== undefined ? ["--metadata-file", file] : [];
    const { exitCode, stderrLines } = await runBuild(["build", ...added, ...place.argv], {
      cwd: place.cwd,
      env: place.env,
    });
    const seconds = (host.monotonic() - started) / 1000;
    const text = exitCode === 0 && file !== undefined ? await readFile(file, "utf8").catch(() => "") : "";
    const metadata = fieldsOf(parseJson(text));
    return {
      exitCode,
      metadata,
      digest: parseMetadata(text)?.digest,
      imageId: imageIdOf(metadata),
      seconds,
      stderrLines,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The image id that buildx would write. Source: buildx, commands/build.go, `getImageID`. */
function imageIdOf(metadata: Fields): string | undefined {
  return asText(metadata["containerimage.config.digest"]) ?? asText(metadata["containerimage.digest"]);
}
