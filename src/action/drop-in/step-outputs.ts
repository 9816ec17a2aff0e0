import { readFile } from "node:fs/promises";
import type { DropInResult } from "../../core/drop-in/request.ts";
import { asFields, asText, type Fields, parseJson } from "../../formats/json.ts";
import type { Runner } from "../runner.ts";

/** Reports about an image by buildx, or by a reuse. Undefined: not reported. */
export interface StepReports {
  readonly imageId: string | undefined;
  readonly digest: string | undefined;
  readonly metadata: Fields | undefined;
}

/** Reads the files that buildx writes for docker's action. For a reused image, the result replaces what the files lack. */
export async function readReports(
  files: { readonly imageId: string; readonly metadata: string },
  result: Pick<DropInResult, "kind" | "imageId" | "digest" | "metadata">,
): Promise<StepReports> {
  const read = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);
  const [imageId, text] = await Promise.all([read(files.imageId), read(files.metadata)]);
  const isReused = result.kind === "reused";
  const metadata = asFields(parseJson(text ?? "")) ?? (isReused ? result.metadata : undefined);
  return {
    imageId: imageId?.trim() ?? (isReused ? result.imageId : undefined),
    digest: asText(metadata?.["containerimage.digest"]) ?? (isReused ? result.digest : undefined),
    metadata,
  };
}

/** Sets the outputs of docker's action; those without a value are not set. */
export function setImageOutputs(runner: Runner, { imageId, digest, metadata }: StepReports): void {
  if (imageId !== undefined && imageId !== "") runner.setOutput("imageid", imageId);
  if (digest !== undefined) runner.setOutput("digest", digest);
  if (metadata !== undefined) runner.setOutput("metadata", JSON.stringify(metadata, null, 2));
}
