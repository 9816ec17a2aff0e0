import { readFile } from "node:fs/promises";
import type { DropInResult } from "../../core/drop-in/request.ts";
import { asFields, asText, type Fields, parseJson } from "../../formats/json.ts";
import type { Runner } from "../runner.ts";

/** What buildx, or a reuse, says of an image. Undefined: nothing. */
export interface StepReports {
  readonly imageId: string | undefined;
  readonly digest: string | undefined;
  readonly metadata: Fields | undefined;
}

/** Reads what was written where docker's action has buildx write it; of a reuse, what the result says, where no file says it. */
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

/** Sets the outputs that docker's action has; one that there is nothing for is not set. */
export function setImageOutputs(runner: Runner, { imageId, digest, metadata }: StepReports): void {
  if (imageId !== undefined && imageId !== "") runner.setOutput("imageid", imageId);
  if (digest !== undefined) runner.setOutput("digest", digest);
  if (metadata !== undefined) runner.setOutput("metadata", JSON.stringify(metadata, null, 2));
}
