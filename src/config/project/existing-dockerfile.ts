import type { Files } from "../files.ts";
import { addFault, type Faults, type Place, suggestion } from "../written/place.ts";
import type { FoundService } from "./layer.ts";

/** Takes `dockerfile` if there is no `Dockerfile`, as docker does for this name only. Source: buildx, `handleLowercaseDockerfile`. */
export async function existingDockerfile(path: string, files: Files): Promise<string> {
  if (!/(?:^|\/)Dockerfile$/.test(path) || (await files.isFile(path))) return path;
  const lower = path.replace(/Dockerfile$/, "dockerfile");
  return (await files.isFile(lower)) ? lower : path;
}

/** Reads a service's Dockerfile; empty, with a fault, if its context or the file is not there. */
export async function readDockerfile(
  { context, dockerfile }: Pick<FoundService, "context" | "dockerfile">,
  files: Files,
  faults: Faults,
): Promise<string> {
  if (!(await files.isFolder(context.value))) {
    addFault(faults, context.at, `the context "${context.value}" is not there`);
    if (isSamePlace(context.at, dockerfile.at)) return "";
  }
  const text = (await files.isFile(dockerfile.value)) ? await files.readText(dockerfile.value) : undefined;
  if (text !== undefined) return text;
  const near = suggestion(faults, dockerfile.value, () =>
    files.tracked.filter((path) => /(?:docker|container)file/i.test(path)),
  );
  addFault(faults, dockerfile.at, `the Dockerfile "${dockerfile.value}" is not there${near}`);
  return "";
}

/** Whether the Dockerfile's path was derived from the context's. */
function isSamePlace(left: Place, right: Place): boolean {
  return left.line !== undefined && left.line === right.line && left.column === right.column;
}
