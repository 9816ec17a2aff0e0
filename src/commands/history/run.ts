import { parseDuration } from "../../config/project/templates.ts";
import { readHistory } from "../../core/history/read-history.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import { SlipwayError } from "../../errors.ts";
import type { HistoryDocument } from "../../model/history-document.ts";
import { renderHistory, renderHistoryCsv } from "../../report/render-history.ts";
import type { Style } from "../../report/style.ts";
import type { View } from "../spec.ts";
import type { HistoryOptions } from "./spec.ts";

/** Reads the history of releases. Throws `usage` for a time that is none. */
export function run(workspace: Workspace, { service, since, limit }: HistoryOptions): Promise<HistoryDocument> {
  return readHistory(workspace, { services: service, since: timeOf(since, workspace.host.now()), limit });
}

/** Renders a table, or CSV if that is requested. */
export function render(document: HistoryDocument, style: Style, { options }: View<HistoryOptions>): string {
  return options.csv ? renderHistoryCsv(document).trimEnd() : renderHistory(document, style);
}

function timeOf(text: string | undefined, now: string): string | undefined {
  if (text === undefined) return undefined;
  const age = parseDuration(text);
  if (typeof age === "number") return new Date(Date.parse(now) - age * 1000).toISOString();
  const day = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(day)) return new Date(day).toISOString();
  throw new SlipwayError("option-invalid", `--since "${text}" is no time`, {
    hint: "such as 2026-01-31, 2026-01-31T12:00:00Z, 30d or 12h",
  });
}
