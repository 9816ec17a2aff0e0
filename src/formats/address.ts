import { trimEndOf } from "./trim.ts";
/** Where something is on a network: a URL with an authority, or the form that `scp` and git share (`git@host:path`). */
export interface Address {
  /** In lower case, without `://`; undefined: the form of `scp`, which is SSH. */
  readonly scheme: string | undefined;
  /** What stands before the last `@` of the authority, as it is written: `user`, `user:password`, a token. */
  readonly userInfo: string | undefined;
  /** In lower case, without the port. */
  readonly host: string;
  /** Digits; undefined where none is written. */
  readonly port: string | undefined;
  /** Everything behind host and port: path, query and fragment. */
  readonly rest: string;
}

/** A repository on a Git host: `github.com`, `acme`, `shop`. */
export interface Remote {
  /** With its port, where that is another one than the scheme's own. */
  readonly host: string;
  /** Holds a `/` where groups are nested. */
  readonly owner: string;
  readonly repository: string;
}

// An authority ends at the first `/`, `?` or `#` (RFC 3986, section 3.2). Whatever stands before its last `@` is user info, also where it
// holds further `@`: so read git, curl and the URL standard, although RFC 3986 wants those encoded.
const urlPattern =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]@/?#]*\]|[^[\]:@/?#\s]+)(?::(\d*))?(?=[/?#]|$)(.*)$/is;
const scpPattern = /^(?:([^/\s]*)@)?(\[[^\]@/]*\]|[^[\]:@/\s]+):(?!\/\/)(.+)$/s;

/** Reads an address. Undefined for everything else: a path, or a URL whose host or port cannot be one. */
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

/** Reads a Git host's repository: `https://host/owner/repo.git`, `ssh://git@host/owner/repo`, `git@host:owner/repo`. */
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

/** The host that serves a repository's pages: the port of SSH is none of the web's, and GitHub takes SSH under a name of its own. */
function webHost({ scheme, host, port }: Address): string {
  const isWeb = scheme === "http" || scheme === "https";
  if (!isWeb) return host === "ssh.github.com" ? "github.com" : host;
  return port === undefined || port === (scheme === "http" ? "80" : "443") ? host : `${host}:${port}`;
}

/**
 * One address without its credentials: user name, password, token. The user of an SSH address stays, since it is part of the address.
 * A text that is no address is given back, without everything up to its last `@` where it looks like a URL.
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

/** Whether an address holds a password: something behind a colon of its user info. */
export function hasPassword(text: string): boolean {
  const address = parseAddress(text);
  return address?.scheme !== undefined && /:./s.test(address.userInfo ?? "");
}

// The digest of an image behind its name (`docker-image://node:24@sha256:…`) is no host.
const userInfoInText = /:\/\/[^\s/?#]*@(?!sha\d{3}:)/g;
const webAddressInText = /(https?:\/\/[^\s"'<>?#]*)(\?[^\s"'<>]*)?/gi;

/** A text in which no address has user info; `instead` stands in its place. */
export function redactUserInfo(text: string, instead = ""): string {
  return text.replaceAll(userInfoInText, `://${instead}`);
}

/** A text in which no address has user info or a query string, which holds signatures and tokens. */
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
