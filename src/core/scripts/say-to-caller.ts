import { terminalText } from "../../formats/terminal-text.ts";
import type { Host } from "../../host.ts";
import { renderReusedProgress } from "../../report/reused-progress.ts";
import type { DropInResult } from "../drop-in/request.ts";

/** How a caller wants to be told. */
export interface CallersReports {
  /** Only the image's id is printed. */
  readonly quiet: boolean;
  readonly progress: string;
}

/** Says of a reused image what buildx would have said of a build, as far as there is something to say. */
export function sayReused(
  host: Host,
  { quiet, progress }: CallersReports,
  {
    result,
    tags,
    started,
  }: { readonly result: DropInResult; readonly tags: readonly string[]; readonly started: string },
): void {
  const { imageId, fingerprint, because, digest } = result;
  if (quiet) host.stdout.write(terminalText(`${imageId ?? ""}\n`));
  if (quiet || fingerprint === null) return;
  const image = `${tags[0] ?? ""}${digest === undefined ? "" : `@${digest}`}`;
  const said = { progress, image, because, fingerprint, started, completed: host.now() };
  host.stderr.write(terminalText(renderReusedProgress(said)));
}

/** Says warnings; a program that reads JSON or an id gets nothing between. */
export function sayWarnings(host: Host, { quiet, progress }: CallersReports, warnings: readonly string[]): void {
  if (quiet || !["auto", "plain", "tty", ""].includes(progress)) return;
  for (const warning of warnings) host.stderr.write(terminalText(`slipway: warning: ${warning}\n`));
}
