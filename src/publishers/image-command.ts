import type { ShellText } from "../shell/expand-word.ts";

/** Whether something happens; `because` names what it hangs on. */
export type Perhaps = true | false | { readonly because: readonly string[] };

/** A reference of an image; `perhaps`: what it alone hangs on. */
export interface TagText extends ShellText {
  readonly perhaps?: readonly string[];
}

/** By what a build or a push is done. */
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

/** One act on images, of an action or a command. */
export type ImageCommand =
  | {
      readonly kind: "build";
      readonly how: PublisherKind;
      readonly tags: readonly TagText[];
      readonly pushes: Perhaps;
    }
  /** Targets of a bake file; `files` as given. */
  | {
      readonly kind: "bake";
      readonly how: "bake" | "bake-action" | "fork" | "slipway";
      readonly files: readonly ShellText[];
      readonly targets: readonly ShellText[];
      readonly set: readonly ShellText[];
      readonly pushes: Perhaps;
    }
  | {
      readonly kind: "compose";
      readonly builds: boolean;
      readonly pushes: Perhaps;
      readonly files: readonly ShellText[];
      readonly services: readonly ShellText[];
    }
  /** Another name for an image of this machine. */
  | { readonly kind: "tag"; readonly from: ShellText; readonly to: ShellText }
  /** `allTags`: every tag of the names. */
  | {
      readonly kind: "push";
      readonly how: PublisherKind;
      readonly images: readonly ShellText[];
      readonly allTags: boolean;
    }
  /** An index over images that are in the registry, or a copy of them. */
  | { readonly kind: "merge"; readonly how: PublisherKind; readonly tags: readonly TagText[] }
  | { readonly kind: "login" }
  /** Another file of the repository that is run. */
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
  /** A script of package.json; `otherwise`: the program that is run where it has none of this name. */
  | {
      readonly kind: "package-script";
      readonly folder: ShellText | undefined;
      readonly name: ShellText;
      readonly otherwise: readonly ShellText[];
    }
  /** Text that another shell runs. */
  | { readonly kind: "inline"; readonly text: ShellText }
  /** A program that builds or pushes by its own rules. `isSure`: it does; otherwise only where a registry is logged in to. */
  | {
      readonly kind: "opaque";
      readonly how: PublisherKind;
      readonly what: string;
      readonly because: string;
      readonly isSure: boolean;
    };
