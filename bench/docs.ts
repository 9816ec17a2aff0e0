import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "./case.ts";
import { root } from "./program.ts";
import { renderSummary } from "./render.ts";
import type { Results } from "./results.ts";

/** Puts a case's table into docs/benchmarks.md, between its marks; the words around it are written by people. */
export function updateDocs(description: Case, results: Results): void {
  const file = join(root, "docs", "benchmarks.md");
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const [begin, end] = [`<!-- ${description.name}: begin -->`, `<!-- ${description.name}: end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) return;
  const summary = renderSummary(description, results);
  writeFileSync(file, `${text.slice(0, from + begin.length)}\n\n${summary}\n\n${text.slice(to)}`);
}
