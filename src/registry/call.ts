import type { ImageName } from "../model/reference.ts";

/** One request to a registry, as the operations make it. */
export interface Call {
  /** What is being done, for errors: "reading ghcr.io/acme/api:1.2". */
  readonly doing: string;
  readonly name: ImageName;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** After `/v2/NAME/`: `manifests/latest`; or a whole address that the registry gave (an upload's location). */
  readonly at: string | URL;
  readonly actions: readonly ("pull" | "push" | "delete")[];
  /** Another repository of the same registry that is read from (a mount). */
  readonly from?: ImageName;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses that are answers; every other one is a fault. */
  readonly accept: readonly number[];
  /** Whether mirrors may answer. */
  readonly isMirrored?: boolean;
  /** No more tries than this. */
  readonly tries?: number;
  /** A longer answer is a fault. Default: a mebibyte, for answers of which only the headers count. */
  readonly limitBytes?: number;
  /** Throws when the answer is not what it should be; where a mirror gave it, the next one is asked. */
  readonly check?: (reply: Reply) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly url: URL;
  readonly bytes: Uint8Array;
  header(name: string): string | null;
}
