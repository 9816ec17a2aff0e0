import { terminalText } from "../../formats/terminal-text.ts";
import type { Host } from "../../host.ts";
import { renderReusedProgress } from "../../report/reused-progress.ts";
import type { DropInResult } from "../drop-in/request.ts";

/** Form of the reports that a caller requests. */
export interface CallersReports {
  /** Whether only the image's id is printed. */
  readonly quiet: boolean;
  readonly progress: string;
}

/** Prints for a reused image the output that buildx would print for a build, as far as it is known. */
export function printReused(
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

/** Prints warnings, except if a program reads the output as JSON or as an id. */
export function printWarnings(host: Host, { quiet, progress }: CallersReports, warnings: readonly string[]): void {
  if (quiet || !["auto", "plain", "tty", ""].includes(progress)) return;
  for (const warning of warnings) host.stderr.write(terminalText(`slipway: warning: ${warning}\n`));
}
