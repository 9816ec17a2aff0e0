import { hasKind } from "../errors.ts";
import { asFields, asList, asTextMap, parseJson } from "../formats/json.ts";
import type { Fingerprint, Inputs } from "../model/inputs.ts";
import type { ImageName } from "../model/reference.ts";
import type { Registry } from "../registry/registry.ts";
import { putArtifact, readArtifact } from "./artifact.ts";
import { pack, unpack } from "./pack.ts";
import { fingerprintTag, publishedAnnotations } from "./published.ts";

const inputsType = "application/vnd.slipway.inputs.v1+json";

/** Stores an image's inputs beside it, so that later plans can explain changes. */
export async function publishInputs(registry: Registry, name: ImageName, inputs: Inputs): Promise<void> {
  const { fingerprint } = inputs;
  if (fingerprint === null) return;
  await putArtifact(registry, name, inputsTag(fingerprint), {
    artifactType: inputsType,
    mediaType: `${inputsType}+gzip`,
    content: await pack(JSON.stringify(inputs)),
    embed: false,
    annotations: { [publishedAnnotations.fingerprint]: fingerprint },
  });
}

/** Reads the inputs of a published image; undefined when they were not stored or cannot be read. */
export async function readPublishedInputs(
  registry: Registry,
  name: ImageName,
  fingerprint: Fingerprint,
): Promise<Inputs | undefined> {
  const raw = await registry.getManifest(name, inputsTag(fingerprint));
  if (raw === undefined) return undefined;
  const content = await readArtifact(registry, name, raw, inputsType).catch(passOverWhatIsGone);
  if (content === undefined) return undefined;
  const value = parseJson((await unpack(content, mostInputsBytes)) ?? new Uint8Array());
  return isInputs(value) && value.fingerprint === fingerprint ? value : undefined;
}

/** Upper limit of unpacked inputs in bytes; enough for half a million files. */
const mostInputsBytes = 128 * 1024 * 1024;

/** Ignores inputs that are gone or too large, because they only serve explanations. A registry that does not answer is an error. */
function passOverWhatIsGone(error: unknown): undefined {
  if (!hasKind(error, "content-missing", "content-too-large")) throw error;
}

function inputsTag(fingerprint: Fingerprint): string {
  return `${fingerprintTag(fingerprint)}.inputs`;
}

function isInputs(value: unknown): value is Inputs {
  const fields = asFields(value);
  if (fields === undefined || typeof fields["service"] !== "string" || typeof fields["platform"] !== "string")
    return false;
  const areTexts = asTextMap(fields["args"]) !== undefined && asTextMap(fields["settings"]) !== undefined;
  const instructions = asList(fields["instructions"]);
  return (
    areTexts &&
    instructions?.every((line) => typeof line === "string") === true &&
    areEntries(fields["files"], ["path", "mode", "digest"]) &&
    areEntries(fields["bases"], ["reference"]) &&
    areEntries(fields["contexts"], ["name", "kind", "of"])
  );
}

/** Whether a value is a list of objects with these text fields. `digest` may be null unless it is one of them. */
function areEntries(value: unknown, texts: readonly string[]): boolean {
  const isEntry = (entry: unknown): boolean => {
    const fields = asFields(entry) ?? {};
    const { digest } = fields;
    const isDigestFine = digest === undefined || digest === null || typeof digest === "string";
    return isDigestFine && texts.every((name) => typeof fields[name] === "string");
  };
  return asList(value)?.every(isEntry) === true;
}
