import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ReleaseDocument } from "../../model/documents.ts";
import { release } from "../../core/releasing/release-command.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { renderReleaseResult } from "../../report/render-result.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { ReleaseOptions } from "./options.ts";

/** Plans, builds, commits the release and moves its tags; writes the notes to a file if that is requested. */
export async function run(workspace: Workspace, options: ReleaseOptions): Promise<ReleaseDocument> {
  const result = await release(workspace, options);
  const { notesFile } = options;
  if (notesFile !== undefined && notesFile !== "-" && result.notes !== null) {
    await writeFile(resolve(workspace.host.cwd, notesFile), result.notes);
  }
  return result;
}

/** Renders the result; if the notes are requested on standard output, renders the notes instead. */
export function render(result: ReleaseDocument, style: Style, { options, isLive }: View<ReleaseOptions>): string {
  return options.notesFile === "-" && result.notes !== null ? result.notes : renderReleaseResult(result, style, isLive);
}
