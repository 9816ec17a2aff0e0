import { type SoughtSecret, findSecrets, secretForms } from "../../buildkit/secret-forms.ts";
import { readSecretValue } from "../../buildkit/read-secret-value.ts";
import { errorMessage, isInterruption, SlipwayError } from "../../errors.ts";
import { platformChildren } from "../../images/service-index.ts";
import { DecompressionFault, unpackLayer } from "../../images/unpack-layer.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import { TarEntries, TarFault } from "../../layers/tar-entries.ts";
import type { Digest } from "../../model/digest.ts";
import type { Descriptor } from "../../model/oci.ts";
import type { Platform } from "../../model/platform.ts";
import { type ImageName, parseReference } from "../../model/reference.ts";
import { readContent } from "../../registry/content.ts";
import type { Registry } from "../../registry/registry.ts";
import { resolve } from "node:path";
import type { Workspace } from "../workspace/workspace.ts";

/** A pushed image to look through. */
export interface PushedContent {
  readonly service: string;
  readonly platform: Platform;
  readonly name: ImageName;
  /** Digest that the build pushed. */
  readonly digest: Digest;
  readonly read: ReadInputs;
}

/**
 * Looks for the values of a build's secrets in what it pushed: configuration, manifests, attestations and the names of files in its own
 * layers. Throws `secret-in-image`, which names the secret and the place and never the value. Asks nothing for a build without secrets.
 */
export async function checkSecrets(workspace: Workspace, build: PushedContent): Promise<void> {
  const { host, registry, repository, emit } = workspace;
  const { service, platform, name, digest, read } = build;
  const given = Object.entries(read.sources.secrets);
  const sought = (
    await Promise.all(
      given.map(async ([id, from]): Promise<SoughtSecret> => {
        const source =
          from.kind === "env" ? from : { kind: "file" as const, path: resolve(repository.root, from.path) };
        return { id, forms: secretForms((await readSecretValue(host, source)) ?? "") };
      }),
    )
  ).filter(({ forms }) => forms.length > 0);
  if (sought.length === 0) return;
  for await (const { place, text } of textsOf(workspace, build)) {
    const [id] = findSecrets(text, sought);
    if (id === undefined) continue;
    // The image is under a temporary tag of this run; it goes, where the registry deletes.
    const isGone = await registry.deleteManifest(name, digest).catch((error: unknown) => {
      if (isInterruption(error)) throw error;
      emit({ kind: "warning", message: `${name}@${digest} could not be deleted: ${errorMessage(error)}`, service });
      return false;
    });
    const rest = isGone ? "" : `; ${name}@${digest} is still in the registry: delete it`;
    throw new SlipwayError(
      "secret-in-image",
      `${service} ${platform}: ${place} holds the value of the secret "${id}"`,
      {
        hint: `use it only in \`RUN --mount=type=secret,id=${id}\`, and print or store it nowhere; change the secret, since it was pushed${rest}`,
      },
    );
  }
}

interface FoundText {
  readonly place: string;
  readonly text: string;
}

async function* textsOf(
  workspace: Pick<Workspace, "registry" | "emit">,
  { name, service, digest, platform, read }: PushedContent,
): AsyncGenerator<FoundText> {
  const { registry } = workspace;
  const top = await registry.getManifest(name, digest);
  if (top === undefined) return;
  yield { place: "its index", text: decode(top.bytes) };
  const children = platformChildren(top, platform)?.children ?? [];
  const known = await baseLayers(registry, read);
  for (const [at, { digest: child }] of children.entries()) {
    const raw = child === top.digest ? top : await registry.getManifest(name, child);
    if (raw === undefined) continue;
    const what = at === 0 ? "its manifest" : "an attestation's manifest";
    yield { place: what, text: decode(raw.bytes) };
    const { config, layers = [] } = readContent(raw.bytes) ?? {};
    if (config !== undefined) {
      yield { place: "its configuration", text: decode(await registry.getBlob(name, config)) };
    }
    if (at > 0) {
      for (const layer of layers)
        yield { place: attestationName(layer), text: decode(await registry.getBlob(name, layer)) };
    } else {
      for (const layer of layers) if (!known.has(layer.digest)) yield* namesIn(workspace, { name, service }, layer);
    }
  }
}

function attestationName({ annotations = {} }: Descriptor): string {
  return `the attestation ${annotations["in-toto.io/predicate-type"] ?? "without a type"}`;
}

/** The names of a layer's files. Of a layer that cannot be unpacked, those before the fault, and a warning. */
async function* namesIn(
  { registry, emit }: Pick<Workspace, "registry" | "emit">,
  { name, service }: Pick<PushedContent, "name" | "service">,
  layer: Descriptor,
): AsyncGenerator<FoundText> {
  const tar = new TarEntries();
  try {
    for await (const chunk of unpackLayer(registry.streamBlob(name, layer))) {
      for (const { path } of tar.push(chunk)) yield { place: "the name of a file", text: path.join("/") };
    }
    tar.end();
  } catch (error) {
    if (!(error instanceof TarFault) && !(error instanceof DecompressionFault)) throw error;
    const message = `the names in layer ${layer.digest} could not all be searched for secrets: ${error.message}`;
    emit({ kind: "warning", message, service });
  }
}

/** Layers of the bases that the build started or copied from. Those that cannot be read count as the build's own. */
async function baseLayers(registry: Registry, { inputs: { bases } }: ReadInputs): Promise<Set<Digest>> {
  const found = await Promise.all(
    bases.map(async ({ reference, digest }) => {
      const base = parseReference(reference)?.name;
      if (base === undefined || digest === null) return [];
      const raw = await registry.mirrored.getManifest(base, digest).catch((error: unknown) => {
        if (isInterruption(error)) throw error;
      });
      return (raw === undefined ? [] : (readContent(raw.bytes)?.layers ?? [])).map((layer) => layer.digest);
    }),
  );
  return new Set(found.flat());
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
