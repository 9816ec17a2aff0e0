import type { Digest } from "./digest.ts";
import type { NotCounted } from "./not-counted.ts";
import type { Platform } from "./platform.ts";

/** A digest over every input of one service on one platform. */
export type Fingerprint = Digest;

/**
 * Type and permission bits in octal, as git writes them: `100644`, `100755`, `120000` (symlink), `040000` (a folder with mode 755). A folder
 * that is read as it lies on disk has others, too: `100600`, `104755`, `040700`, `010644` (named pipe), `020666` (device).
 */
export type FileMode = `${"10" | "12" | "04" | "01" | "02" | "06"}${string}`;

/** One file that the build may read. Paths are relative to the repository root, POSIX, sorted by code unit. */
export interface InputFile {
  readonly path: string;
  readonly mode: FileMode;
  /** git's object id of the content, `sha1:…` or `sha256:…`, with `+` and the conversions of the checkout where git applies some. */
  readonly digest: string;
  /** The named context that holds the file; absent: the build context. A file of two contexts is listed once for each. */
  readonly context?: string;
}

/** An image that the build starts from or copies from, by the digest of its manifest for the platform. Null: not looked up. */
export interface InputBase {
  readonly reference: string;
  readonly digest: Digest | null;
}

/** A named context that the build reads. */
export interface InputContext {
  readonly name: string;
  readonly kind: "service" | "image" | "folder" | "git";
  /** The service's name, the image reference, the folder, or the URL. */
  readonly of: string;
  /** The image's digest, the folder's digest, the git commit. Null: not known yet. */
  readonly digest: string | null;
}

/** A value that the service's definition gives to the build and the fingerprint leaves out; `notCounted` has the reasons. */
export interface UncountedInput {
  readonly what: Extract<NotCounted, "proxy" | "secret" | "ssh" | "stamp" | "unread">;
  readonly name: string;
  /** The setting that it comes from: `build args`, `secrets`, `ssh`, `config.json of the Docker client`. */
  readonly from: string;
}

/** Every input that decides one service's image on one platform. */
export interface Inputs {
  readonly service: string;
  readonly platform: Platform;
  /** Null until the services that it needs are built and its bases are looked up. */
  readonly fingerprint: Fingerprint | null;
  /** The build context's first, then those of each named folder, in the order of `contexts`. */
  readonly files: readonly InputFile[];
  /** Build args that a reachable stage declares, with their values; without stamps. */
  readonly args: Readonly<Record<string, string>>;
  readonly bases: readonly InputBase[];
  readonly contexts: readonly InputContext[];
  /** Why the inputs cannot be known, or null. A volatile service is built every time. */
  readonly volatile: { readonly because: string } | null;
  /** The instructions of the reachable stages, a line each, as they count for the fingerprint. */
  readonly instructions: readonly string[];
  /** Everything else that counts: target, frontend, settings, labels, algorithm; and where the context is. Sorted by key. */
  readonly settings: Readonly<Record<string, string>>;
  /** Values that the fingerprint leaves out, by kind and name; absent in inputs stored by version 1 of the algorithm. */
  readonly uncounted?: readonly UncountedInput[];
}

/** The key of `settings` that holds the version of the fingerprint algorithm. */
export const algorithmSetting = "algorithm";

/** The key of `settings` that holds the context's folder. Paths of files are relative to it; the folder itself does not count. */
export const contextSetting = "context";

/** A difference between two Inputs, by name. */
export interface InputChange {
  readonly what: "file" | "instruction" | "arg" | "base" | "context" | "setting";
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
}
