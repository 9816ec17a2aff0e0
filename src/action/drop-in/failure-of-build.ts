import { type EndedBuild, lastLine } from "./step-build.ts";

/** What docker's actions say of a build that failed; they say nothing where buildx said nothing, and succeed: here it is a fault, too. */
export function failureOfBuild(command: "build" | "bake", call: string, ended: EndedBuild | undefined): string {
  const failed = command === "build" ? "buildx failed with" : "buildx bake failed with";
  if (ended === undefined) return `${failed}: unknown error`;
  if (call === "check" && ended.printed.length > 0) return checkFault(command, ended.printed);
  return `${failed}: ${lastLine(ended.said) ?? `exit code ${ended.exitCode}`}`;
}

/** A bake has a line for each target. */
function checkFault(command: "build" | "bake", printed: readonly string[]): string {
  const counts = printed.flatMap(
    (line) => /^Check complete, (\d+) warnings? (?:has|have) been found!/.exec(line)?.[1] ?? [],
  );
  const total = counts.reduce((sum, count) => sum + Number(count), 0);
  if (command === "build" || total === 0) return printed[0]?.trim() ?? "";
  return `Check complete, ${total} ${total === 1 ? "warning has" : "warnings have"} been found!`;
}
