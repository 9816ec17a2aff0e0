import { trimEndOf } from "./trim.ts";
/** Address on a network: a URL with an authority, or the form that `scp` and git share (`git@host:path`). */
export interface Address {
  /** Scheme in lower case, without `://`; undefined: the form of `scp`, which is SSH. */
  readonly scheme: string | undefined;
  /** User info, as written: `user`, `user:password` or a token. It ends at the last `@` of the authority. */
  readonly userInfo: string | undefined;
  /** Host in lower case, without the port. */
  readonly host: string;
  /** Port, in digits; undefined: the address has none. */
  readonly port: string | undefined;
  /** Rest of the address: path, query and fragment. */
  readonly rest: string;
}

/** Repository on a Git host: `github.com`, `acme`, `shop`. */
export interface Remote {
  /** Host, with its port unless that is the scheme's default. */
  readonly host: string;
  /** Owner of the repository; it contains a `/` if groups are nested. */
  readonly owner: string;
  readonly repository: string;
}

// An authority ends at the first `/`, `?` or `#` (RFC 3986, section 3.2). User info ends at its last `@`, even if it contains others: git,
// curl and the URL standard read it so, although RFC 3986 wants those encoded.
const urlPattern =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]@/?#]*\]|[^[\]:@/?#\s]+)(?::(\d*))?(?=[/?#]|$)(.*)$/is;
const scpPattern = /^(?:([^/\s]*)@)?(\[[^\]@/]*\]|[^[\]:@/\s]+):(?!\/\/)(.+)$/s;

/** Parses an address; undefined for a path, or a URL with an impossible host or port. */
export function parseAddress(text: string): Address | undefined {
  const url = urlPattern.exec(text);
  if (url !== null) {
    const [, scheme = "", userInfo, host = "", port = "", rest = ""] = url;
    return { scheme: scheme.toLowerCase(), userInfo, host: host.toLowerCase(), port: port || undefined, rest };
  }
  const [, userInfo, host, rest = ""] = scpPattern.exec(text) ?? [];
  if (host === undefined) return undefined;
  return { scheme: undefined, userInfo, host: host.toLowerCase(), port: undefined, rest };
}

/** Parses the address of a repository on a Git host: `https://host/owner/repo.git`, `ssh://git@host/owner/repo`, `git@host:owner/repo`. */
export function parseRemote(text: string): Remote | undefined {
  const address = parseAddress(text);
  if (address === undefined || !/^(?:https?|git|ssh|git\+ssh|ssh\+git)$/.test(address.scheme ?? "ssh"))
    return undefined;
  const path = trimEndOf(address.rest.replace(/^\//, ""), "/").replace(/\.git$/, "");
  const slash = path.lastIndexOf("/");
  const [owner, repository] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
  if (owner === "" || repository === "" || /[?#]/.test(path)) return undefined;
  return { host: webHost(address), owner, repository };
}

/** Returns the host of a repository's web pages. An SSH port does not apply to them, and `ssh.github.com` serves github.com. */
function webHost({ scheme, host, port }: Address): string {
  const isWeb = scheme === "http" || scheme === "https";
  if (!isWeb) return host === "ssh.github.com" ? "github.com" : host;
  return port === undefined || port === (scheme === "http" ? "80" : "443") ? host : `${host}:${port}`;
}

/**
 * Removes user name, password and token from an address. An SSH address keeps its user, which is part of it. A text that begins like a URL but does
 * not parse as an address loses everything up to its last `@`; any other text is unchanged.
 */
export function withoutCredentials(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return text.replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/is, "$1");
  const { userInfo } = address;
  if (userInfo === undefined) return text;
  const isSsh = address.scheme === undefined || /ssh/.test(address.scheme);
  const user = isSsh ? `${userInfo.split(":", 1)[0] ?? ""}@` : "";
  const start = address.scheme === undefined ? 0 : address.scheme.length + "://".length;
  return `${text.slice(0, start)}${user}${text.slice(start + userInfo.length + 1)}`;
}

/** Whether the user info of a URL contains a password. */
export function hasPassword(text: string): boolean {
  const address = parseAddress(text);
  return address?.scheme !== undefined && /:./s.test(address.userInfo ?? "");
}

// An `@` before a digest (`docker-image://node:24@sha256:…`) does not end user info.
const userInfoInText = /:\/\/[^\s/?#]*@(?!sha\d{3}:)/g;
const webAddressInText = /(https?:\/\/[^\s"'<>?#]*)(\?[^\s"'<>]*)?/gi;

/** Replaces the user info of every address in a text by `instead`. */
export function redactUserInfo(text: string, instead = ""): string {
  return text.replaceAll(userInfoInText, `://${instead}`);
}

/** Removes user info and query strings, which hold signatures and tokens, from every address in a text. */
export function redactAddresses(text: string): string {
  return redactUserInfo(text).replaceAll(webAddressInText, (_, address: string, query: string | undefined) =>
    query === undefined ? address : `${address}?…`,
  );
}

/** Whether a host (with or without a port) is this machine. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith("[") ? host.slice(0, host.indexOf("]") + 1) : (host.split(":")[0] ?? "");
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
}
