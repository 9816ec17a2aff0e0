import { BlockList, isIP } from "node:net";
import { SlipwayError } from "../errors.ts";
import { isLoopback } from "../formats/address.ts";
import { trimEndOf } from "../formats/trim.ts";

/** The proxies that the environment names, each as `http://host:port`, and what is reached without one. */
export interface Proxies {
  readonly http: string | undefined;
  readonly https: string | undefined;
  readonly except: Exceptions;
}

/** What `NO_PROXY` holds. */
interface Exceptions {
  readonly isAll: boolean;
  readonly names: readonly ExceptedName[];
  /** Addresses and networks (`10.0.0.0/8`). */
  readonly networks: BlockList;
}

/** A host name, or what ends in it; only with this port where one is given. */
interface ExceptedName {
  readonly name: string;
  readonly withItself: boolean;
  readonly port: string | undefined;
}

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; small letters win, as in curl. `HTTP_PROXY` serves https too where no other is named.
 * Undefined when there is no proxy; throws `configuration` for one that speaks neither HTTP nor HTTPS.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies | undefined {
  const http = readProxy(env, "HTTP_PROXY");
  const https = readProxy(env, "HTTPS_PROXY") ?? http;
  if (http === undefined && https === undefined) return undefined;
  return { http, https, except: parseExceptions(env["no_proxy"] ?? env["NO_PROXY"] ?? "") };
}

function readProxy(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const written = (env[name.toLowerCase()] ?? env[name] ?? "").trim();
  if (written === "") return undefined;
  const address = written.includes("://") ? written : `http://${written}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return trimEndOf(url.href, "/");
  // Its password may be in it: only the scheme is quoted.
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(address)?.[0] ?? "";
  throw new SlipwayError("environment-invalid", `reading ${name}: "${scheme}…" is no proxy that Slipway can speak to`, {
    hint: `set ${name} to an address that begins with http:// or https://, or unset it`,
  });
}

/** `example.com` is that host and those below it, `.example.com` and `*.example.com` only those below, as in Go's programs. */
function parseExceptions(text: string): Exceptions {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
  const networks = new BlockList();
  const names = entries.flatMap((entry) => (addNetwork(networks, entry) ? [] : [parseName(entry)]));
  return { isAll: entries.includes("*"), names, networks };
}

/** False where the entry is no IP address and no network. */
function addNetwork(networks: BlockList, entry: string): boolean {
  const [, address = "", bits] = /^\[?([^\]/]*)\]?(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const family = familyOf(address);
  if (family === undefined) return false;
  const most = family === "ipv4" ? 32 : 128;
  networks.addSubnet(address, Math.min(Number(bits ?? most), most), family);
  return true;
}

function parseName(entry: string): ExceptedName {
  const [, host = entry, port] = /^(.*):(\d+)$/.exec(entry) ?? [];
  return { name: bare(host.replace(/^\*?\./, "")), withItself: !/^\*?\./.test(host), port };
}

/** The proxy that a request to this address goes through. This machine is reached without one, as in Go's programs. */
export function proxyOf({ http, https, except }: Proxies, url: URL): string | undefined {
  const isHttps = url.protocol === "https:";
  const port = url.port === "" ? (isHttps ? "443" : "80") : url.port;
  if (isLoopback(url.hostname) || isExcepted(except, bare(url.hostname), port)) return undefined;
  return isHttps ? https : http;
}

function isExcepted({ isAll, names, networks }: Exceptions, host: string, port: string): boolean {
  if (isAll) return true;
  const family = familyOf(host);
  if (family !== undefined && networks.check(host, family)) return true;
  return names.some((entry) => {
    if (entry.port !== undefined && entry.port !== port) return false;
    return host === entry.name ? entry.withItself : host.endsWith(`.${entry.name}`);
  });
}

/** A host without the brackets of IPv6, and without the dot that may end a whole name. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

function familyOf(host: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(host);
  // A zone (`fe80::1%eth0`) is this machine's own name for a network.
  if (version === 0 || host.includes("%")) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}
