import { trimEndOf } from "../formats/trim.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorMessage, hasErrorCode, isInterruption, SlipwayError } from "../errors.ts";
import type { Host } from "../host.ts";
import {
  type DockerConfig,
  dockerConfigFolder,
  emptyDockerConfig,
  findLogin,
  loginKeys,
  parseDockerConfig,
} from "../formats/docker-config.ts";
import { type Fields, asFields, asText, parseJson } from "../formats/json.ts";

/** Credentials for a registry. `source`: where they were found; it is the only field that is shown to the user. */
export type Credentials =
  | { readonly kind: "none"; readonly source: string }
  | { readonly kind: "password"; readonly user: string; readonly password: string; readonly source: string }
  /** A token that is exchanged for short-lived ones (stored as `identitytoken`). */
  | { readonly kind: "identity"; readonly token: string; readonly source: string }
  /** A bearer token that is used unchanged (stored as `registrytoken`). */
  | { readonly kind: "bearer"; readonly token: string; readonly source: string };

/** Finds the credentials for a registry host, as Docker does. */
export type FindCredentials = (registry: string) => Promise<Credentials>;

/** Fields of an entry of `proxies`, with the build arg that each becomes. Source: buildx, store/storeutil, `GetProxyConfig`. */
const proxyFields = [
  ["httpProxy", "HTTP_PROXY"],
  ["httpsProxy", "HTTPS_PROXY"],
  ["noProxy", "NO_PROXY"],
  ["ftpProxy", "FTP_PROXY"],
] as const;

/** Reads the proxies of Docker's `config.json`, which buildx adds to every build: those for the engine's address, else the default ones. */
export async function readClientProxies(host: Host): Promise<Readonly<Record<string, string>>> {
  const { proxies: byEngine } = (await readDockerConfig(host.env)).config;
  const engines = Object.keys(byEngine).filter((name) => name !== "default");
  const engine = engines.length === 0 ? undefined : await engineAddress(host);
  const entry = (engine === undefined ? undefined : byEngine[engine]) ?? byEngine["default"] ?? {};
  const values = proxyFields.flatMap(([field, name]): [string, string][] => {
    const value = asText(entry[field]) ?? "";
    return value === "" ? [] : [[name, value]];
  });
  return Object.fromEntries(values);
}

/** Address of the engine; undefined: there is no Docker to ask, so nothing is built either. */
async function engineAddress(host: Host): Promise<string | undefined> {
  const args = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  const result = await host.run("docker", args).catch((error: unknown) => {
    if (isInterruption(error)) throw error;
    return undefined;
  });
  return result?.exitCode === 0 ? new TextDecoder().decode(result.stdout).trim() : undefined;
}

/** Makes a look-up of credentials that reads Docker's `config.json` once, at the first use. */
export function makeFindCredentials(host: Host): FindCredentials {
  let config: ReturnType<typeof readDockerConfig> | undefined;
  const found = new Map<string, Promise<Credentials>>();
  const find = async (registry: string): Promise<Credentials> => {
    config ??= readDockerConfig(host.env);
    const { path, config: read } = await config;
    return lookUp(host, read, path, registry);
  };
  return (registry) => {
    const known = found.get(registry) ?? find(registry);
    found.set(registry, known);
    return known;
  };
}

/** Reads `config.json`; an empty configuration if there is none. Throws `credentials` for a file that cannot be read. */
export async function readDockerConfig(
  env: Host["env"],
): Promise<{ readonly path: string; readonly config: DockerConfig }> {
  const folder = dockerConfigFolder(env);
  if (folder === undefined) return { path: "", config: emptyDockerConfig };
  const path = join(folder, "config.json");
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (hasErrorCode(error, "ENOENT", "ENOTDIR")) return "";
    throw new SlipwayError("docker-config-invalid", `reading ${path}: ${errorMessage(error)}`, { cause: error });
  });
  const parsed = parseDockerConfig(text);
  if (parsed.config !== undefined) return { path, config: parsed.config };
  throw new SlipwayError("docker-config-invalid", `reading ${path}: ${parsed.because}`, { hint: mendHint });
}

const mendHint = "mend the file, or remove it and run `docker login` again";

async function lookUp(host: Host, config: DockerConfig, path: string, registry: string): Promise<Credentials> {
  const helper = findLogin(config.credHelpers, registry) ?? config.credsStore;
  const failures: string[] = [];
  if (helper !== undefined && helper !== "") {
    for (const key of loginKeys(registry)) {
      const credentials = await askHelper(host, `docker-credential-${helper}`, key);
      if (typeof credentials !== "string") return credentials;
      failures.push(credentials);
    }
  }
  const auth = findLogin(config.auths, registry);
  const stored = auth === undefined ? undefined : readAuth(auth, path);
  if (stored !== undefined) return stored;
  return { kind: "none", source: failures[0] ?? (path === "" ? "no credentials" : `no credentials (none in ${path})`) };
}

function readAuth(auth: Fields, source: string): Credentials | undefined {
  const text = (name: string): string => asText(auth[name]) ?? "";
  if (text("identitytoken") !== "") return { kind: "identity", token: text("identitytoken"), source };
  if (text("registrytoken") !== "") return { kind: "bearer", token: text("registrytoken"), source };
  const decoded = trimEndOf(Buffer.from(text("auth"), "base64").toString("utf8"), "\0");
  const colon = decoded.indexOf(":");
  const user = asText(auth["username"]) ?? decoded.slice(0, Math.max(0, colon));
  const password = asText(auth["password"]) ?? (colon < 0 ? "" : decoded.slice(colon + 1));
  return user === "" || password === "" ? undefined : { kind: "password", user, password, source };
}

/**
 * Gets credentials from a helper. Returns a reason instead if there are none, for the error message if the registry denies access. Source:
 * docker-credential-helpers.
 */
async function askHelper(host: Host, program: string, key: string): Promise<Credentials | string> {
  let result;
  try {
    result = await host.run(program, ["get"], { stdin: key });
  } catch (error) {
    if (isInterruption(error)) throw error;
    return `no credentials (${errorMessage(error)})`;
  }
  if (result.exitCode !== 0) return `no credentials (${program} has none for ${key})`;
  const fields = asFields(parseJson(result.stdout)) ?? {};
  const user = asText(fields["Username"]);
  const secret = asText(fields["Secret"]);
  if (user === undefined || secret === undefined)
    return `no credentials (${program} gave an answer that cannot be read)`;
  if (secret === "") return `no credentials (${program} has none for ${key})`;
  if (user === "<token>") return { kind: "identity", token: secret, source: program };
  return { kind: "password", user, password: secret, source: program };
}
