import type { Digest } from "./digest.ts";

/** Forms of a deployment. */
export type PinFormat = "compose" | "kustomize" | "helm" | "flux";

/** The JSON document of `slipway pin`; schema: `docs/reference/pin.schema.json`. */
export interface PinDocument {
  readonly version: 1;
  /** The release that is pinned, as commands take it. */
  readonly release: string;
  /** Why this one; null: the user named it. */
  readonly because: string | null;
  readonly format: PinFormat;
  /**
   * `printed`: `text` is the file, and nothing was written. `written`, `same`: the file that is named was changed, or pinned this release
   * already. `pushed`, `there`: the artifact was pushed, or was there already.
   */
  readonly state: "printed" | "written" | "same" | "pushed" | "there";
  /** The file that is pinned; null: the text stands alone. */
  readonly file: string | null;
  /** Content of the file with the pins; of an artifact, the resources with which Flux takes it. */
  readonly text: string;
  /** Services that are pinned. */
  readonly services: readonly string[];
  /** Images of the release that are not pinned there, with the reason. */
  readonly left: readonly string[];
  /** The artifact for Flux; null: another format. `digest` is null until it is pushed. */
  readonly artifact: {
    readonly reference: string;
    readonly digest: Digest | null;
    readonly files: readonly string[];
  } | null;
}
