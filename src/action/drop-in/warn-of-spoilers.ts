import type { DropInResult } from "../../core/drop-in/request.ts";
import { annotation } from "../../formats/workflow-command.ts";
import type { Host } from "../../host.ts";
import { printLogLine } from "../../report/github-log.ts";

/** Annotates once each build arg that prevents reuse at every commit. */
export function warnOfSpoilers(host: Host, results: readonly Pick<DropInResult, "spoiledBy">[]): void {
  const args = new Set(results.flatMap(({ spoiledBy }) => spoiledBy));
  for (const arg of args) {
    const message = `the build arg ${arg} has another value at every commit, so that nothing is ever reused: with \`stamp: ${arg}\` it is no reason to build, and a reused image keeps the value that it was built with`;
    printLogLine(host, annotation("warning", message, { title: "Slipway" }));
  }
}
