import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** An image as whoever runs it sees it: no times, no history, no layers. */
export interface Image {
  /** By path: type, mode, owner, link target, digest of the content. */
  readonly files: ReadonlyMap<string, string>;
  readonly config: string;
  /** The build as BuildKit saw it, when it was asked for. */
  readonly steps: readonly SourceStep[];
}

/** Paths that BuildKit took from a folder of the client; undefined: all of it. */
export interface SourceStep {
  readonly context: string;
  readonly followed: readonly string[] | undefined;
  readonly excluded: readonly string[];
}

/** Reads what the exporter `type=oci` wrote. */
export function readImage(archive: string): Image {
  const members = new Map([...readTar(readFileSync(archive))].map((member) => [member.path, member.content]));
  const blob = (digest: string): Buffer => {
    const content = members.get(`blobs/${digest.replace(":", "/")}`);
    if (content === undefined) throw new Error(`${archive} has no blob ${digest}`);
    return content;
  };
  const json = (digest: string): Record<string, unknown> =>
    JSON.parse(blob(digest).toString()) as Record<string, unknown>;
  const top = JSON.parse((members.get("index.json") ?? Buffer.from("{}")).toString()) as Index;
  const manifests = top.manifests.flatMap((descriptor) =>
    descriptor.mediaType.includes("index") ? (json(descriptor.digest) as unknown as Index).manifests : [descriptor],
  );
  const isAttestation = (each: Descriptor): boolean =>
    each.annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
  const main = manifests.find((each) => !isAttestation(each));
  const attestation = manifests.find(isAttestation);
  if (main === undefined) throw new Error(`${archive} holds no image`);
  const manifest = json(main.digest) as unknown as Manifest;
  const layers = (manifest.layers ?? []).map((layer) => plain(blob(layer.digest)));
  const statement =
    attestation === undefined
      ? undefined
      : json((json(attestation.digest) as unknown as Manifest).layers?.[0]?.digest ?? "");
  return {
    files: flatten(layers),
    config: renderConfig(json(manifest.config.digest)),
    steps: statement === undefined ? [] : readSteps(statement),
  };
}

/** Differences of two images, one line each; empty: they are the same. */
export function compareImages(left: Image, right: Image): string[] {
  const differences: string[] = [];
  if (left.config !== right.config) differences.push(`config: ${left.config} | ${right.config}`);
  for (const path of new Set([...left.files.keys(), ...right.files.keys()])) {
    const [one, other] = [left.files.get(path), right.files.get(path)];
    if (one !== other) differences.push(`${JSON.stringify(path)}: ${one ?? "not there"} | ${other ?? "not there"}`);
  }
  return differences.sort();
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Index {
  readonly manifests: readonly Descriptor[];
}

interface Manifest {
  readonly config: Descriptor;
  /** Null when there are none. */
  readonly layers: readonly Descriptor[] | null;
}

function plain(blob: Buffer): Buffer {
  return blob[0] === 0x1f && blob[1] === 0x8b ? gunzipSync(blob) : blob;
}

interface Member {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly owner: string;
  readonly target: string;
  readonly content: Buffer;
  /** As the kernel writes them; empty: none. */
  readonly capabilities: string;
}

/** Source: POSIX pax, "ustar Interchange Format"; of the extended headers, `path`, `linkpath` and the capabilities. */
function* readTar(bytes: Buffer): Generator<Member, void, undefined> {
  let extended = new Map<string, string>();
  for (let at = 0; at + 512 <= bytes.length;) {
    const header = bytes.subarray(at, at + 512);
    if (header[0] === 0) return;
    const text = (start: number, length: number): string => {
      const field = header.subarray(start, start + length);
      const end = field.indexOf(0);
      return field.toString("utf8", 0, end < 0 ? length : end);
    };
    const size = Number.parseInt(text(124, 12), 8);
    const type = text(156, 1) || "0";
    const content = bytes.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    if (type === "x") {
      extended = readExtended(content);
      continue;
    }
    const prefix = text(257, 6).startsWith("ustar") ? text(345, 155) : "";
    const name = prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
    yield {
      path: extended.get("path") ?? name,
      type,
      mode: Number.parseInt(text(100, 8), 8),
      owner: `${Number.parseInt(text(108, 8), 8)}:${Number.parseInt(text(116, 8), 8)}`,
      target: extended.get("linkpath") ?? text(157, 100),
      content,
      capabilities: extended.get("SCHILY.xattr.security.capability") ?? "",
    };
    extended = new Map();
  }
}

/** Records of `LENGTH key=value\n`. */
function readExtended(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = Number(content.toString("utf8", at, space));
    const record = content.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** Layers on top of each other. Source: OCI image-spec, layer.md, "Whiteouts". */
function flatten(layers: readonly Buffer[]): Map<string, string> {
  const files = new Map<string, string>();
  const removeBelow = (folder: string): void => {
    for (const path of files.keys()) if (path.startsWith(`${folder}/`)) files.delete(path);
  };
  for (const layer of layers) {
    for (const member of readTar(layer)) {
      const path = member.path.replace(/^\.?\//, "").replace(/\/$/, "");
      const slash = path.lastIndexOf("/");
      const name = path.slice(slash + 1);
      if (name === ".wh..wh..opq") removeBelow(path.slice(0, slash));
      else if (name.startsWith(".wh.")) {
        const gone = path.slice(0, slash + 1) + name.slice(4);
        files.delete(gone);
        removeBelow(gone);
      } else {
        if (member.type !== "5") removeBelow(path);
        files.set(path, renderMember(member));
      }
    }
  }
  return files;
}

function renderMember({ type, mode, owner, target, content, capabilities }: Member): string {
  const digest = type === "0" ? createHash("sha256").update(content).digest("hex").slice(0, 12) : "";
  const start = type === "0" ? ` ${JSON.stringify(content.toString("latin1", 0, 20))}` : "";
  return `type ${type} mode ${mode.toString(8)} owner ${owner} target ${JSON.stringify(target)} ${digest}${start}${capabilities}`;
}

function renderConfig({ architecture, os, variant, config }: Record<string, unknown>): string {
  const entries = typeof config === "object" && config !== null ? Object.entries(config) : [];
  const sorted = Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
  return JSON.stringify({ architecture, os, variant, config: sorted });
}

/** Source: BuildKit, docs/attestations/slsa-definitions.md, `buildConfig.llbDefinition`. */
function readSteps(statement: Record<string, unknown>): SourceStep[] {
  const { predicate } = statement as { predicate: { buildConfig?: { llbDefinition?: readonly unknown[] } } };
  return (predicate.buildConfig?.llbDefinition ?? []).flatMap((step) => {
    const { op } = step as { op: { Op: { source?: { identifier: string; attrs?: Record<string, string> } } } };
    const source = op.Op.source;
    if (source === undefined || !source.identifier.startsWith("local://")) return [];
    const list = (name: string): string[] | undefined => {
      const text = source.attrs?.[name];
      return text === undefined ? undefined : (JSON.parse(text) as string[]);
    };
    return {
      context: source.identifier.slice("local://".length),
      followed: list("local.followpaths"),
      excluded: list("local.excludepatterns") ?? [],
    };
  });
}
