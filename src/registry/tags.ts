import { type ImageName, isTag } from "../model/reference.ts";
import { asFields, asList, parseJson } from "../formats/json.ts";
import { readPages } from "./pages.ts";
import type { Transport } from "./transport.ts";
import { unreadable } from "./unreadable.ts";

const pageSize = 1000;

/** Distribution-spec, "Listing tags". A name that nothing was pushed to yet has none. In the registry's order, each once. */
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
      // A registry that knows neither Link nor `last` gives the same page again, and nothing new with it.
      const isFull = page.length >= pageSize && isNew && last !== undefined;
      return { isNew, next: isFull ? `tags/list?n=${pageSize}&last=${encodeURIComponent(last)}` : undefined };
    },
  );
  return [...tags];
}

/** A repository without tags may have `null` for a list. Undefined when it is no list of tags. */
function parsePage(bytes: Uint8Array): readonly string[] | undefined {
  const fields = asFields(parseJson(bytes));
  if (fields === undefined || !("tags" in fields)) return undefined;
  const tags = asList(fields["tags"] ?? []);
  if (tags === undefined) return undefined;
  // Tags become part of addresses, so only tags of the specification's form are taken.
  const texts = tags.filter((tag): tag is string => typeof tag === "string" && isTag(tag));
  return texts.length === tags.length ? texts : undefined;
}
