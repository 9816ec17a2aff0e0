import type { ImageName } from "../model/reference.ts";

/** One request to a registry. */
export interface Call {
  /** Description of the operation for error messages, such as "reading ghcr.io/acme/api:1.2". */
  readonly doing: string;
  readonly name: ImageName;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** Path after `/v2/NAME/`, such as `manifests/latest`, or a whole URL that the registry returned (the location of an upload). */
  readonly at: string | URL;
  readonly actions: readonly ("pull" | "push" | "delete")[];
  /** Another repository of the same registry to read from (for a mount). */
  readonly from?: ImageName;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that count as an answer; any other status is a fault. */
  readonly accept: readonly number[];
  /** Whether mirrors may answer. */
  readonly isMirrored?: boolean;
  /** Upper limit of tries. */
  readonly tries?: number;
  /** Upper limit of the answer's body in bytes; a longer body is a fault. Default: one mebibyte. */
  readonly limitBytes?: number;
  /** Throws if the answer is not valid. After an invalid answer of a mirror, the next server is tried. */
  readonly check?: (reply: Reply) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A complete answer. */
export interface Reply {
  readonly status: number;
  readonly url: URL;
  readonly bytes: Uint8Array;
  header(name: string): string | null;
}
