import { SlipwayError } from "../errors.ts";
import type { ImageName } from "../model/reference.ts";
import { asFields, asList, parseJson } from "./json.ts";
import type { Reply, Transport } from "./transport.ts";

const pageSize = 1000;

/** Distribution-spec, "Listing tags". A name that nothing was pushed to yet has none. In the registry's order, each once. */
export async function listTags(
  transport: Transport,
  name: ImageName,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const tags = new Set<string>();
  let at: string | URL | undefined = `tags/list?n=${pageSize}`;
  while (at !== undefined) {
    const reply: Reply = await transport.call({
      doing: `listing the tags of ${name}`,
      name,
      method: "GET",
      at,
      actions: ["pull"],
      accept: [200, 404],
      signal,
    });
    if (reply.status === 404) break;
    const page = readPage(reply, name);
    const before = tags.size;
    for (const tag of page) tags.add(tag);
    const last = page.at(-1);
    // A registry that knows neither Link nor `last` gives the same page again, and nothing new with it.
    const isFull = page.length >= pageSize && tags.size > before && last !== undefined;
    at = nextPage(reply) ?? (isFull ? `tags/list?n=${pageSize}&last=${encodeURIComponent(last)}` : undefined);
  }
  return [...tags];
}

/** A repository without tags may have `null` for a list. */
function readPage(reply: Reply, name: ImageName): readonly string[] {
  const fields = asFields(parseJson(reply.bytes));
  const tags = asList(fields?.["tags"] ?? []);
  if (fields !== undefined && tags !== undefined) return tags.filter((tag) => typeof tag === "string");
  throw new SlipwayError("unavailable", `listing the tags of ${name}: the registry's answer is no list of tags`);
}

/** The next page by RFC 8288, on the server that gave this one. */
export function nextPage(reply: Reply): URL | undefined {
  const match = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(reply.header("link") ?? "");
  const target = match?.[1];
  if (target === undefined || !URL.canParse(target, reply.url.href)) return undefined;
  const next = new URL(target, reply.url);
  // Behind a proxy, registries are known to name themselves wrongly.
  const here = new URL(next.pathname + next.search, reply.url);
  return here.href === reply.url.href ? undefined : here;
}
