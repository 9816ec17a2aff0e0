import { resolve } from "node:path";
import { findPublishers } from "../../core/init/find-publishers.ts";
import { readSources } from "../../core/init/init-read.ts";
import { renderPublishers } from "../../report/render-publishers.ts";
import type { Dialogue } from "../spec.ts";

/** Lists the publishers; nothing is written, and no question is asked. */
export async function converse({ host, print, repo }: Dialogue): Promise<void> {
  const sources = await readSources(host, resolve(host.cwd, repo ?? "."));
  const { document } = await findPublishers(sources);
  print(document, document, renderPublishers);
}
