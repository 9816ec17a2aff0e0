import { SlipwayError } from "../errors.ts";
import type { Transport } from "./transport.ts";
import type { Call, Reply } from "./call.ts";
import { unreadableHint } from "./unreadable.ts";

/** Upper limit of pages: two million tags at 1,000 a page, 200,000 at 100 a page. */
const mostPages = 2000;
/** Upper limit in bytes over all pages: half a million of the longest tags. */
const mostListBytes = 64 * 1024 * 1024;
/** Upper limit of consecutive pages without a new entry, because some registries filter entries after paging. */
const mostBarrenPages = 20;

/** Result of reading one page. */
export interface PageResult {
  /** Whether the page held an entry that no earlier page did. */
  readonly isNew: boolean;
  /** Path of the next page if the answer has no `Link`; undefined: there is none. */
  readonly next?: string | undefined;
}

/**
 * Reads a list page by page (distribution-spec, "Listing tags": `Link`, RFC 8288). `take` receives each page and returns `end` if there is
 * no list. Throws `unavailable` for too many pages or bytes, or if a `Link` leads in a circle.
 */
export async function readPages(
  transport: Transport,
  call: Call,
  take: (page: Reply) => PageResult | "end",
): Promise<void> {
  const seen = new Set<string>();
  let at: Call["at"] | undefined = call.at;
  let bytes = 0;
  let barren = 0;
  for (let pages = 1; at !== undefined; pages += 1) {
    if (pages > mostPages) throw endless(call, `after ${mostPages} pages there is still another one`);
    const page: Reply = await transport.call({ ...call, at, limitBytes: mostListBytes });
    bytes += page.bytes.length;
    if (bytes > mostListBytes) throw endless(call, `its pages are longer than ${mostListBytes} bytes together`);
    seen.add(page.url.href);
    const taken = take(page);
    if (taken === "end") return;
    barren = taken.isNew ? 0 : barren + 1;
    if (barren >= mostBarrenPages) throw endless(call, `${barren} pages in a row have nothing new`);
    const next = nextPage(page);
    if (next !== undefined && seen.has(next.href)) throw endless(call, "its pages lead in a circle");
    at = next ?? taken.next;
  }
}

/**
 * The next page's URL. Always uses the server of this page, because registries behind a proxy may name a wrong host, and no other server
 * must be contacted in their place.
 */
function nextPage(page: Reply): URL | undefined {
  const match = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/i.exec(page.header("link") ?? "");
  const target = match?.[1];
  if (target === undefined || !URL.canParse(target, page.url.href)) return undefined;
  const { pathname, search } = new URL(target, page.url);
  const here = new URL(page.url);
  here.pathname = pathname;
  here.search = search;
  here.hash = "";
  return here.href === page.url.href ? undefined : here;
}

function endless({ doing }: Call, because: string): SlipwayError {
  return new SlipwayError("registry-unreadable", `${doing}: the registry's list has no end: ${because}`, {
    hint: unreadableHint,
  });
}
