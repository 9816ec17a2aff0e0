import { errorMessage, renderDiagnostic, SlipwayError } from "../errors.ts";
import { cleanLines } from "../formats/terminal-text.ts";
import { annotation, inert, type LogLine } from "../formats/workflow-command.ts";

/** GitHub's limit of error annotations of one step. */
const mostAnnotations = 10;

/** Renders an error as annotations: each fault at its place in its file, with advice. */
export function annotateError(error: unknown): LogLine[] {
  const hint = error instanceof SlipwayError && error.hint !== undefined ? `\nhint: ${error.hint}` : "";
  const diagnostics = error instanceof SlipwayError ? error.diagnostics : [];
  if (diagnostics.length === 0)
    return [annotation("error", `${cleanLines(errorMessage(error))}${hint}`, { title: "Slipway" })];
  const shown = diagnostics.slice(0, mostAnnotations).map((diagnostic, at) => {
    const { file, line, column, message } = diagnostic;
    const place = line === undefined ? { file } : { file, line, ...(column === undefined ? {} : { column }) };
    return annotation("error", `${cleanLines(message)}${at === 0 ? hint : ""}`, { title: "Slipway", ...place });
  });
  return [...shown, ...diagnostics.slice(mostAnnotations).map((diagnostic) => inert(renderDiagnostic(diagnostic)))];
}
