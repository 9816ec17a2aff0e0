import { DecompressionFault, unpackLayer } from "../../images/unpack-layer.ts";
import { FileLedger } from "../../layers/file-ledger.ts";
import { describeFiles } from "../../layers/describe-files.ts";
import { TarEntries, TarFault } from "../../layers/tar-entries.ts";
import type { ImageFiles, PlacedLayer } from "../../model/layers-document.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Registry } from "../../registry/registry.ts";

type Unread = ImageFiles["unread"][number];

/**
 * Streams the layers of an image, from the lowest up, and follows its files. Memory grows with the number of files, and not with their size.
 * Throws where the registry fails; a layer that cannot be read is named in `unread`.
 */
export async function readImageFiles(
  registry: Registry,
  name: ImageName,
  layers: readonly PlacedLayer[],
): Promise<ImageFiles> {
  const ledger = new FileLedger();
  const unread: Unread[] = [];
  for (const [at, layer] of layers.entries()) {
    ledger.begin(at);
    const because = whyNotRead(layer);
    const fault = because === undefined ? await readLayer(registry, name, layer, ledger) : undefined;
    if (because !== undefined) unread.push({ layer: at, because, isFault: false });
    if (fault !== undefined) unread.push({ layer: at, because: fault, isFault: true });
    ledger.end();
  }
  const own = new Set(layers.flatMap(({ origin }, at) => (origin === "base" ? [] : [at])));
  return describeFiles(ledger, own, unread);
}

/** Why a layer cannot be looked into although nothing is wrong with it. */
function whyNotRead({ mediaType }: PlacedLayer): string | undefined {
  if (mediaType.endsWith("+encrypted")) return `it is encrypted (${mediaType})`;
  if (/nondistributable|foreign/.test(mediaType)) return `it is not in this registry (${mediaType})`;
  return undefined;
}

/** Reads one layer; returns what is wrong with it. */
async function readLayer(
  registry: Registry,
  name: ImageName,
  { digest, size }: PlacedLayer,
  ledger: FileLedger,
): Promise<string | undefined> {
  const tar = new TarEntries();
  try {
    for await (const chunk of unpackLayer(registry.streamBlob(name, { digest, size }))) {
      for (const entry of tar.push(chunk)) ledger.add(entry);
    }
    tar.end();
    return undefined;
  } catch (error) {
    if (error instanceof TarFault) return `it is no tar that can be read: ${error.message}`;
    if (error instanceof DecompressionFault) return `it cannot be decompressed: ${error.message}`;
    throw error;
  }
}
