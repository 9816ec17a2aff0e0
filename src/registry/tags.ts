import { type ImageName, isTag } from "../model/reference.ts";
import { asFields, asList, parseJson } from "../formats/json.ts";
import { readPages } from "./pages.ts";
import type { Transport } from "./transport.ts";
import { unreadable } from "./unreadable.ts";

const pageSize = 1000;

/**
 * Lists the tags of a name in the registry's order, without duplicates; empty for a name without images. Source: distribution-spec,
 * "Listing tags".
 */
export async function listTags(
  transport: Transport,
  name: ImageName,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const doing = `listing the tags of ${name}`;
  const tags = new Set<string>();
  await readPages(
    transport,
    {
      doing,
      name,
      method: "GET",
      at: `tags/list?n=${pageSize}`,
      actions: ["pull"],
      accept: [200, 404],
      signal,
    },
    ({ status, bytes }) => {
      if (status === 404) return "end";
      const page = parsePage(bytes);
      if (page === undefined) throw unreadable(doing, "list of tags", bytes);
      const before = tags.size;
      for (const tag of page) tags.add(tag);
      const isNew = tags.size > before;
      const last = page.at(-1);
      // A registry that supports neither `Link` nor `last` returns the same page again, without a new entry.
      const isFull = page.length >= pageSize && isNew && last !== undefined;
      return { isNew, next: isFull ? `tags/list?n=${pageSize}&last=${encodeURIComponent(last)}` : undefined };
    },
  );
  return [...tags];
}

/** Parses a page of tags. Some registries return `null` for an empty list. Undefined: it is not a list of tags. */
function parsePage(bytes: Uint8Array): readonly string[] | undefined {
  const fields = asFields(parseJson(bytes));
  if (fields === undefined || !("tags" in fields)) return undefined;
  const tags = asList(fields["tags"] ?? []);
  if (tags === undefined) return undefined;
  // Tags become part of URLs, so only tags of the specified form are accepted.
  const texts = tags.filter((tag): tag is string => typeof tag === "string" && isTag(tag));
  return texts.length === tags.length ? texts : undefined;
}
