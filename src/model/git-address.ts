/** Protocols that git may fetch by from an address that a repository's files name; the form of `GIT_ALLOW_PROTOCOL`. */
export const gitProtocols = "https:http:ssh:git";

/**
 * Explains why git must not be given an address with its fragment (`https://host/repo.git#ref:folder`); undefined: it may be. An
 * address reaches another machine by one of `gitProtocols`. It names no transport helper (`ext::sh -c …`), which runs a program, no
 * folder of this machine, and nothing that git or ssh would read as an option. https://git-scm.com/docs/git-fetch#_git_urls
 */
export function gitAddressFault(written: string): string | undefined {
  const hash = written.indexOf("#");
  const address = hash < 0 ? written : written.slice(0, hash);
  const [ref = ""] = (hash < 0 ? "" : written.slice(hash + 1)).split(":");
  // oxlint-disable-next-line no-control-regex -- what a terminal or a line-based protocol would act on
  const isPlain = !/[\u0000-\u0020\u007f]/.test(written);
  const isRemote = isPlain && remoteForms.some((form) => form.test(address));
  if (!isRemote) {
    return `${JSON.stringify(written)} is no address that git may fetch from; write https://, ssh://, git:// or user@host:path`;
  }
  if (ref.startsWith("-"))
    return `${JSON.stringify(written)} asks for the ref "${ref}", which git would take for an option`;
  return undefined;
}

/** The address as git takes it: `github.com/owner/repo` is BuildKit's short form of an HTTPS address. */
export function gitUrlOf(address: string): string {
  return address.startsWith("github.com/") ? `https://${address}` : address;
}

const user = "(?:[A-Za-z0-9_.~%!$&'()*+,;=][^/?#]*@)?";
const host = "(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.]+\\])";

const remoteForms: readonly RegExp[] = [
  new RegExp(`^(?:https?|ssh|git)://${user}${host}(?::\\d+)?/.+$`, "i"),
  new RegExp(`^[A-Za-z0-9_][A-Za-z0-9_.-]*@${host}:(?!:)[^-].*$`),
  /^github\.com\/[^/]+\/[^/]+/,
];
