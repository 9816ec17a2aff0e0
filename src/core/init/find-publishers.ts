import type { PublisherEntry, PublishersDocument } from "../../model/publishers-document.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { readPublishers } from "../../publishers/read-publishers.ts";
import type { EventFacts } from "../../workflow/events/publish-event.ts";
import type { InitSources } from "./init-read.ts";

/** The publishers of a repository's images. */
export interface FoundPublishers {
  readonly publishers: readonly Publisher[];
  readonly document: PublishersDocument;
  /** Returns the text of a file that was read. */
  readonly read: (path: string) => string | undefined;
}

type PublisherSources = Pick<InitSources, "tree" | "read" | "remote" | "trunk">;

/** Returns the repository's name and trunk, from which its events are made. */
export function eventFacts({ remote, trunk }: Pick<InitSources, "remote" | "trunk">): EventFacts {
  return { repository: remote === undefined ? "owner/repository" : `${remote.owner}/${remote.repository}`, trunk };
}

/** Finds the publishers of a repository. */
export async function findPublishers(sources: PublisherSources): Promise<FoundPublishers> {
  const facts = eventFacts(sources);
  const paths = new Set(sources.tree.paths);
  return withFiles(sources, (read) => {
    const publishers = readPublishers({ paths, read }, facts);
    return { publishers, document: { version: 1, publishers: publishers.map(describePublisher) }, read };
  });
}

/** Does work that reads files: it is synchronous, so it is done again with each file that it asks for until it has all of them. */
export async function withFiles<T>(
  { tree, read: readFile }: Pick<PublisherSources, "tree" | "read">,
  work: (read: (path: string) => string | undefined) => T,
): Promise<T> {
  const texts = new Map<string, string | undefined>();
  const paths = new Set(tree.paths);
  for (;;) {
    const wanted = new Set<string>();
    const result = work((path) => {
      if (paths.has(path) && !texts.has(path)) wanted.add(path);
      return texts.get(path);
    });
    if (wanted.size === 0) return result;
    for (const path of wanted) texts.set(path, (await readFile(path)) ?? undefined);
  }
}

/** Describes a publisher as the document has it. */
export function describePublisher({
  place,
  workflow,
  job,
  step,
  how,
  builds,
  via,
  understanding,
}: Publisher): PublisherEntry {
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
      ? Object.entries(understanding.publishes).flatMap(([event, all]) => all.map((each) => ({ event, ...each })))
      : [],
  };
}
