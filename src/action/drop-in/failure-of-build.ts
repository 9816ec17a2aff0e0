import { type EndedBuild, lastLine } from "./step-build.ts";

/** Returns the message of docker's actions for a failed build. If buildx printed nothing, docker's actions succeed; here that is a failure, too. */
export function failureOfBuild(command: "build" | "bake", call: string, ended: EndedBuild | undefined): string {
  const failed = command === "build" ? "buildx failed with" : "buildx bake failed with";
  if (ended === undefined) return `${failed}: unknown error`;
  if (call === "check" && ended.printed.length > 0) return checkFault(command, ended.printed);
  return `${failed}: ${lastLine(ended.stderrLines) ?? `exit code ${ended.exitCode}`}`;
}

/** Sums the warnings of a check; a bake prints one line for each target. */
function checkFault(command: "build" | "bake", printed: readonly string[]): string {
  const counts = printed.flatMap(
    (line) => /^Check complete, (\d+) warnings? (?:has|have) been found!/.exec(line)?.[1] ?? [],
  );
  const total = counts.reduce((sum, count) => sum + Number(count), 0);
  if (command === "build" || total === 0) return printed[0]?.trim() ?? "";
  return `Check complete, ${total} ${total === 1 ? "warning has" : "warnings have"} been found!`;
}
