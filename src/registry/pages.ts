import { SlipwayError } from "../errors.ts";
import type { Transport } from "./transport.ts";
import type { Call, Reply } from "./call.ts";
import { unreadableHint } from "./unreadable.ts";

/** Two million tags where a page holds a thousand, 200,000 where it holds a hundred. */
const mostPages = 2000;
/** Bytes of all pages together: half a million of the longest tags. */
const mostListBytes = 64 * 1024 * 1024;
/** Pages in a row that bring nothing new; some registries filter after they cut the pages. */
const mostBarrenPages = 20;

/** What was taken from one page. */
export interface PageTaken {
  /** Whether it held something that no page before it did. */
  readonly isNew: boolean;
  /** Where the next page is when the answer has no `Link`; undefined: there is none. */
  readonly next?: string | undefined;
}

/**
 * Reads a list page by page (distribution-spec, "Listing tags": `Link`, RFC 8288); `take` gets each page, and says `end` when
 * there is no list. Bounded in pages and bytes: a `Link` that goes round or never ends is `unavailable`.
 */
export async function readPages(
  transport: Transport,
  call: Call,
  take: (page: Reply) => PageTaken | "end",
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
    if (next !== undefined && seen.has(next.href)) throw endless(call, "its pages go round");
    at = next ?? taken.next;
  }
}

/**
 * The next page, on the server that gave this one, whichever host the `Link` names: behind a proxy, registries are known to name
 * themselves wrongly, and no other server is to be asked in their place.
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
  return new SlipwayError("unavailable", `${doing}: the registry's list has no end: ${because}`, {
    hint: unreadableHint,
  });
}
