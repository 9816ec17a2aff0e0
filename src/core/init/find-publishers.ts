import type { PublisherEntry, PublishersDocument } from "../../model/documents.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { readPublishers } from "../../publishers/read-publishers.ts";
import type { InitSources } from "./init-read.ts";

/** What publishes images from a repository. */
export interface FoundPublishers {
  readonly publishers: readonly Publisher[];
  readonly document: PublishersDocument;
  /** Texts of the files that were looked at. */
  readonly read: (path: string) => string | undefined;
}

/** Reads the files as the reader of publishers asks for them: it begins again until it has all that it wants. */
export async function findPublishers(sources: Pick<InitSources, "tree" | "read">): Promise<FoundPublishers> {
  const texts = new Map<string, string | undefined>();
  const paths = new Set(sources.tree.paths);
  for (;;) {
    const wanted = new Set<string>();
    const read = (path: string): string | undefined => {
      if (paths.has(path) && !texts.has(path)) wanted.add(path);
      return texts.get(path);
    };
    const publishers = readPublishers({ paths, read });
    if (wanted.size === 0) return { publishers, document: { version: 1, publishers: publishers.map(entryOf) }, read };
    for (const path of wanted) texts.set(path, (await sources.read(path)) ?? undefined);
  }
}

function entryOf({ place, workflow, job, step, how, builds, via, understanding }: Publisher): PublisherEntry {
  return {
    ...place,
    workflow,
    job,
    step,
    how,
    builds,
    via: via.map(({ kind, name, from }) => ({ kind, name, ...from })),
    understood: understanding.understood,
    because: understanding.understood ? null : understanding.because,
    publishes: understanding.understood
      ? Object.entries(understanding.publishes).map(([event, { images, perhaps }]) => ({ event, images, perhaps }))
      : [],
  };
}
