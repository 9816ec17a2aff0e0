import type { InitDocument } from "../../model/init-document.ts";
import type { Project } from "../../model/service.ts";
import type { Adopted } from "../../workflow/adopted.ts";
import { authorshipOf } from "../../workflow/marker.ts";
import { unifiedDiff } from "../../workflow/unified-diff.ts";

/** A file before and after; null: it does not exist. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Author of the file; undefined: read it from the mark in the file. */
  readonly written?: InitDocument["files"][number]["written"];
}

/** What `slipway init` found and would write, as the document that the command shows. */
export function describeInit(
  project: Project,
  given: {
    changes: readonly Change[];
    adopted: Adopted | undefined;
    releaserc: string | null;
    notes: readonly string[];
    publishers: InitDocument["publishers"];
    events: InitDocument["events"];
    layout: InitDocument["layout"];
    shadow: boolean;
  },
): InitDocument {
  const { changes, adopted, releaserc, notes, publishers, events, layout, shadow } = given;
  const files = changes.map(describeChange);
  return {
    version: 1,
    state: files.every(({ change }) => change === "same") ? "same" : "dry-run",
    layout,
    source: project.source,
    services: project.services.map(({ name, dockerfile, platforms, images, tags }) => ({
      service: name,
      dockerfile,
      platforms,
      images,
      tags,
    })),
    workflows: (adopted?.files ?? []).map((file) => ({
      file,
      becomes: shadow ? "kept" : "replaced",
      images: [...new Set(adopted?.services.flatMap(({ images }) => images) ?? [])],
    })),
    publishers,
    events,
    releaserc,
    files,
    notCarried: adopted?.notCarried ?? [],
    replaced: adopted?.replaced ?? [],
    notes: [...notes],
  };
}

/** A file that is to be written, with its diff. */
export function describeChange({ path, before, after, written }: Change): InitDocument["files"][number] {
  return {
    path,
    change: changeOf(before, after),
    written: written ?? (before === null ? null : authorshipOf(before)),
    diff: unifiedDiff(path, before, after),
  };
}

function changeOf(before: string | null, after: string | null): "create" | "change" | "remove" | "same" {
  if (before === after) return "same";
  if (before === null) return "create";
  return after === null ? "remove" : "change";
}
