import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPublishers } from "../../src/publishers/read-publishers.ts";
import type { Publisher } from "../../src/publishers/publisher.ts";
import type { WorkflowFiles } from "../../src/workflow/events/workflow-files.ts";

const folder = join(import.meta.dirname, "cases");

/** The files of a case: `NAME.build.yml` is a workflow, `NAME.action.yml` a local action. */
export function readCase(name: string): WorkflowFiles {
  const texts = new Map(
    readdirSync(folder)
      .filter((file) => file.startsWith(`${name}.`))
      .map((file) => {
        const path = file.slice(name.length + 1);
        const place = path === "action.yml" ? ".github/actions/build-image/action.yml" : `.github/workflows/${path}`;
        return [place, readFileSync(join(folder, file), "utf8")] as const;
      }),
  );
  return { paths: new Set(texts.keys()), read: (path) => texts.get(path) };
}

/** The files of a repository of a folder: `NAME.txt` holds each file after a line `=== PATH`. */
export function readFolder(parent: string, name: string): WorkflowFiles {
  const texts = new Map(
    readFileSync(join(parent, `${name}.txt`), "utf8")
      .split(/^=== /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)] as const),
  );
  return { paths: new Set(texts.keys()), read: (path) => texts.get(path) };
}

/** The names of all cases. */
export function caseNames(): string[] {
  return [...new Set(readdirSync(folder).map((file) => file.split(".")[0] ?? ""))];
}

export function publishersOf(files: WorkflowFiles): readonly Publisher[] {
  return readPublishers(files, { repository: "acme/shop", trunk: "main" });
}

/** Images that are published on each event, and their conditions. */
export function publishedOn(publishers: readonly Publisher[]): Record<string, string[]> {
  const table: Record<string, string[]> = {};
  for (const { understanding } of publishers) {
    if (!understanding.understood) continue;
    for (const [event, all] of Object.entries(understanding.publishes)) {
      for (const { images, perhaps } of all) {
        const when = perhaps.length === 0 ? "" : ` if ${perhaps.join(" and ")}`;
        table[event] = [...(table[event] ?? []), ...images.map(({ reference }) => `${reference}${when}`)];
      }
    }
  }
  return table;
}
