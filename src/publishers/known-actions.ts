import type { PublisherKind } from "./image-command.ts";

/** Operation of another repository's action on images, known from its documented inputs. */
export type KnownAction =
  /** Builds one image; the inputs are those of `docker/build-push-action`. */
  | { readonly kind: "build"; readonly how: "build-push-action" | "fork" | "slipway" }
  | { readonly kind: "bake"; readonly how: "bake-action" | "fork" | "slipway" }
  | { readonly kind: "login" }
  | { readonly kind: "metadata" }
  | { readonly kind: "checkout" }
  /** Joins images of several platforms; `tags` lists the inputs that hold the tags. */
  | { readonly kind: "merge"; readonly how: PublisherKind; readonly tags: readonly string[] }
  /** Builds with Buildah into the local store, and pushes from there; the inputs are those of Red Hat's actions. */
  | { readonly kind: "buildah-build" | "buildah-push" }
  /** Runs goreleaser with the repository's `.goreleaser.yml`. */
  | { readonly kind: "goreleaser" }
  /** Builds or pushes by rules that are not read here. */
  | { readonly kind: "opaque"; readonly how: PublisherKind; readonly because: string }
  | { readonly kind: "other" };

const ownRules = "it builds and pushes by inputs of its own";

const actions: readonly (readonly [name: RegExp, action: KnownAction])[] = [
  [/(?:^|\/)slipway\/build-push$/, { kind: "build", how: "slipway" }],
  [/(?:^|\/)slipway\/bake$/, { kind: "bake", how: "slipway" }],
  [/(?:^|\/)slipway\/setup$/, { kind: "other" }],
  [/^docker\/build-push-action$/, { kind: "build", how: "build-push-action" }],
  [/^(?:depot|useblacksmith|warpbuilds|namespacelabs|runs-on)\/build-push-action$/, { kind: "build", how: "fork" }],
  [/^docker\/bake-action$/, { kind: "bake", how: "bake-action" }],
  [/^(?:depot|useblacksmith)\/bake-action$/, { kind: "bake", how: "fork" }],
  [/^docker\/metadata-action$|^depot\/metadata-action$/, { kind: "metadata" }],
  [/^actions\/checkout$/, { kind: "checkout" }],
  [
    /(?:^|[/-])(?:docker|ecr|podman|registry|gar|dockerhub|acr|ghcr)-login(?:-|$)|login-action$|login-to-(?:gar|dockerhub|ghcr|acr|ecr)/i,
    { kind: "login" },
  ],
  [/^docker\/login-action$|^azure\/docker-login$/i, { kind: "login" }],
  [/^int128\/docker-manifest-create-action$/, { kind: "merge", how: "imagetools", tags: ["tags"] }],
  [/^Noelware\/docker-manifest-action$/i, { kind: "merge", how: "imagetools", tags: ["tags", "inputs", "base-image"] }],
  [/^akhilerm\/tag-push-action$/, { kind: "merge", how: "copy", tags: ["dst"] }],
  [/^goreleaser\/goreleaser-action$/, { kind: "goreleaser" }],
  [/^redhat-actions\/buildah-build$/, { kind: "buildah-build" }],
  [/^redhat-actions\/push-to-registry$/, { kind: "buildah-push" }],
  [/kaniko/i, { kind: "opaque", how: "kaniko", because: ownRules }],
  [/^ko-build\/|\/ko-(?:build|publish)/, { kind: "other" }],
  [/^(?:docker|depot)\/(?:setup|scout|actions|github|metadata|buildx)/, { kind: "other" }],
  [
    /^(?:actions|github|google-github-actions|aws-actions|azure|sigstore|anchore|aquasecurity|hadolint)\//i,
    { kind: "other" },
  ],
  [
    /(?:setup|install|cache|lint|scan|sign|clean|delete|prune|remove|free|metadata|hub-desc|description|readme|compose|layer)/i,
    { kind: "other" },
  ],
];

/** Looks an action up by `owner/name` or `owner/name/folder`, without the version. */
export function knownAction(name: string): KnownAction {
  const known = actions.find(([pattern]) => pattern.test(name))?.[1];
  if (known !== undefined) return known;
  return isNamedAfterPublishing(name) ? { kind: "opaque", how: "remote-action", because: byName } : { kind: "other" };
}

/** Whether the name of an action says that it builds or pushes images. */
export function isNamedAfterPublishing(name: string): boolean {
  return (
    /build-(?:and-)?push/i.test(name) ||
    (/docker|image|container|ghcr|\becr\b|\boci\b|buildx/i.test(name) && /push|publish|release|build/i.test(name))
  );
}

const byName = "its name says that it builds or pushes images, and another repository holds it";

/** Parses `owner/name/folder@version`; undefined: a local action, or an image. */
export function parseUses(uses: string): { readonly name: string; readonly version: string } | undefined {
  const at = uses.lastIndexOf("@");
  if (uses.startsWith(".") || uses.startsWith("docker://") || at < 0) return undefined;
  return { name: uses.slice(0, at), version: uses.slice(at + 1) };
}
