import { createHash, sign } from "node:crypto";
import { makeSigningKey } from "./keys.ts";

/** A TUF repository: every file by its path below the base address. https://theupdateframework.github.io/specification/latest/ */
export interface TufRepository {
  readonly files: ReadonlyMap<string, Buffer>;
  /** What clients start from: the first root, as it is served. */
  readonly root: Buffer;
}

/** Makes a repository with one key for all roles. `targets`: contents by name. */
export function makeTufRepository(targets: Readonly<Record<string, string>>, expires: string): TufRepository {
  const key = makeSigningKey();
  const publicKey = {
    keytype: "ecdsa",
    scheme: "ecdsa-sha2-nistp256",
    keyval: { public: key.publicKey.export({ format: "pem", type: "spki" }).toString() },
  };
  const keyid = createHash("sha256").update(canonicalTuf(publicKey)).digest("hex");
  const role = { keyids: [keyid], threshold: 1 };
  const signed = (_type: string, fields: object): Buffer => {
    const content = { _type, spec_version: "1.0.31", version: 1, expires, ...fields };
    const sig = sign("sha256", Buffer.from(canonicalTuf(content)), key.privateKey).toString("hex");
    return Buffer.from(JSON.stringify({ signatures: [{ keyid, sig }], signed: content }));
  };

  const root = signed("root", {
    consistent_snapshot: false,
    keys: { [keyid]: publicKey },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  });
  const listed = Object.entries(targets).map(([name, content]) => [
    name,
    { length: Buffer.byteLength(content), hashes: { sha256: createHash("sha256").update(content).digest("hex") } },
  ]);
  const targetsFile = signed("targets", { targets: Object.fromEntries(listed) });
  const snapshot = signed("snapshot", { meta: { "targets.json": { version: 1 } } });
  const timestamp = signed("timestamp", { meta: { "snapshot.json": { version: 1 } } });
  const files = new Map<string, Buffer>([
    ["1.root.json", root],
    ["root.json", root],
    ["targets.json", targetsFile],
    ["snapshot.json", snapshot],
    ["timestamp.json", timestamp],
    ...Object.entries(targets).map(([name, content]): [string, Buffer] => [`targets/${name}`, Buffer.from(content)]),
  ]);
  return { files, root };
}

/**
 * What a role signs: JSON with sorted keys, in whose texts a line end stays as it is.
 * http://wiki.laptop.org/go/Canonical_JSON
 */
function canonicalTuf(value: unknown): string {
  if (typeof value === "string") return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  if (Array.isArray(value)) return `[${value.map(canonicalTuf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, each]) => `${canonicalTuf(key)}:${canonicalTuf(each)}`).join(",")}}`;
}
