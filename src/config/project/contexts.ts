import { gitAddressFault } from "../../model/git-address.ts";
import { parseReference } from "../../model/reference.ts";
import type { NamedContext } from "../../model/service.ts";
import { pathFromRoot } from "../files.ts";

/** Whether BuildKit would clone it: a git URL, an scp-like address, or the short form of a GitHub repository. */
export function isGitUrl(text: string): boolean {
  if (/^(?:git|ssh):\/\//.test(text) || /^[\w.-]+@[\w.-]+:/.test(text)) return true;
  if (/^github\.com\/[^/]+\/[^/]+/.test(text)) return true;
  return /^https?:\/\/[^#?]*\.git(?:[#?].*)?$/.test(text);
}

/**
 * Reads a named context as bake and Compose write it; folders are relative to `folder`. A text: why it cannot be used.
 */
export function parseContext(written: string, folder: string): NamedContext | { readonly fault: string } {
  const quoted = JSON.stringify(written);
  const service = /^(?:target|service):(.+)$/.exec(written)?.[1];
  if (service !== undefined) return { kind: "service", service };
  const image = /^docker-image:\/\/(.*)$/.exec(written)?.[1];
  if (image !== undefined) return imageContext(image);
  if (isGitUrl(written)) return gitContext(written);
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(written)) {
    return { fault: `${quoted} cannot be used as a context; use a folder, a service, docker-image:// or a git URL` };
  }
  const path = pathFromRoot(folder, written);
  return path === undefined ? { fault: `${quoted} lies outside of the repository` } : { kind: "folder", path };
}

/** A named context that is a git repository. */
export function gitContext(url: string): NamedContext | { readonly fault: string } {
  const fault = gitAddressFault(url);
  return fault === undefined ? { kind: "git", url } : { fault };
}

/** A named context that is an image. */
export function imageContext(reference: string): NamedContext | { readonly fault: string } {
  if (parseReference(reference) === undefined) return { fault: `${JSON.stringify(reference)} is no image reference` };
  return { kind: "image", reference };
}
