import type { ShellText } from "../shell/expand-word.ts";

/** Whether something happens; `because` names the conditions or unknown values that decide it. */
export type Certainty = true | false | { readonly because: readonly string[] };

/** Reference of an image; `perhaps`: conditions of this reference alone. */
export interface TagText extends ShellText {
  readonly perhaps?: readonly string[];
}

/** Program or action that builds or pushes. */
export type PublisherKind =
  | "build-push-action"
  | "bake-action"
  | "fork"
  | "slipway"
  | "docker"
  | "bake"
  | "compose"
  | "imagetools"
  | "buildah"
  | "podman"
  | "nerdctl"
  | "kaniko"
  | "ko"
  | "jib"
  | "nix"
  | "goreleaser"
  | "copy"
  | "make"
  | "script"
  | "task-runner"
  | "other-builder"
  | "remote-workflow"
  | "remote-action"
  | "unreadable";

/** Settings of a build that decide whether its result can be reused; values are those of one event. */
export interface WrittenBuild {
  readonly noCache: Certainty;
  /** Build args: `NAME=value`. */
  readonly args: readonly ShellText[];
  /** Context as written; undefined: none is written. */
  readonly context: ShellText | undefined;
  readonly file: ShellText | undefined;
}

/** One operation on images by an action or a command. */
export type ImageCommand =
  | {
      readonly kind: "build";
      readonly how: PublisherKind;
      readonly tags: readonly TagText[];
      readonly pushes: Certainty;
      readonly settings?: WrittenBuild;
    }
  /** Build of a bake file's targets; `files` are its files as written. */
  | {
      readonly kind: "bake";
      readonly how: "bake" | "bake-action" | "fork" | "slipway";
      readonly files: readonly ShellText[];
      readonly targets: readonly ShellText[];
      readonly set: readonly ShellText[];
      readonly pushes: Certainty;
    }
  | {
      readonly kind: "compose";
      readonly builds: boolean;
      readonly pushes: Certainty;
      readonly files: readonly ShellText[];
      readonly services: readonly ShellText[];
    }
  /** Tag of an image in the machine's own store. */
  | { readonly kind: "tag"; readonly from: ShellText; readonly to: ShellText }
  /** Push of images; `allTags`: of every tag of these names (`--all-tags`). */
  | {
      readonly kind: "push";
      readonly how: PublisherKind;
      readonly images: readonly ShellText[];
      readonly allTags: boolean;
    }
  /** Index over images that are in the registry already, or a copy of such an image. */
  | { readonly kind: "merge"; readonly how: PublisherKind; readonly tags: readonly TagText[] }
  | { readonly kind: "login" }
  /** Run of another file of the repository. */
  | {
      readonly kind: "script";
      readonly path: ShellText;
      readonly args: readonly ShellText[];
      readonly isSourced: boolean;
    }
  | {
      readonly kind: "make";
      readonly file: ShellText | undefined;
      readonly folder: ShellText | undefined;
      readonly targets: readonly ShellText[];
      readonly variables: ReadonlyMap<string, ShellText>;
    }
  /** Run of a script in package.json; `otherwise`: program that is run if package.json has no script of this name. */
  | {
      readonly kind: "package-script";
      readonly folder: ShellText | undefined;
      readonly name: ShellText;
      readonly otherwise: readonly ShellText[];
    }
  /** Text that another shell runs, as in `sh -c`. */
  | { readonly kind: "inline"; readonly text: ShellText }
  /** Program that builds or pushes by its own configuration. `isSure`: it publishes; false: it does only if the job logs in to a registry. */
  | {
      readonly kind: "opaque";
      readonly how: PublisherKind;
      readonly what: string;
      readonly because: string;
      readonly isSure: boolean;
    };
