import { readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlipwayError, errorMessage } from "../errors.ts";
import type { Host } from "../host.ts";
import { fieldsOf } from "../formats/json.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { RegistryLogin } from "./registries.ts";

/** Docker's `config.json`, of which only these are read; the rest is kept as it is. */
export type DockerConfig = Readonly<Record<string, unknown>>;

/**
 * Makes a folder for `DOCKER_CONFIG` that is this run's own: what the person's has, and `logins` beside. Everything but
 * `config.json` (plugins, contexts, builders) is linked. Gives the folder; who calls removes it. `parent`: never the workspace, where a build could read it.
 */
export async function makeDockerConfig(
  host: Host,
  logins: readonly RegistryLogin[],
  parent = tmpdir(),
): Promise<string> {
  const from = dockerFolder(host.env);
  const folder = await makeTemporaryFolder(host, "docker", parent);
  const entries = from === undefined ? [] : await readdir(from).catch(() => []);
  for (const entry of entries) {
    if (from !== undefined && entry !== "config.json") await symlink(join(from, entry), join(folder, entry));
  }
  const text = JSON.stringify(addLogins(await readConfig(from), logins), null, 2);
  await writeFile(join(folder, "config.json"), text, { mode: 0o600 });
  return folder;
}

/** Removes what `makeDockerConfig` made; what is linked stays. */
export async function removeDockerConfig(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Adds logins so that they win over a credential helper for all registries. */
function addLogins(config: DockerConfig, logins: readonly RegistryLogin[]): DockerConfig {
  const auths = { ...fieldsOf(config["auths"]) };
  const helpers = { ...fieldsOf(config["credHelpers"]) };
  const hasStore = typeof config["credsStore"] === "string" && config["credsStore"] !== "";
  for (const { host, user, password } of logins) {
    const key = keyOf(host);
    auths[key] = { auth: encodeLogin(user, password) };
    // An empty name: this registry's login is in this file.
    if (hasStore || helpers[key] !== undefined) helpers[key] = "";
  }
  return { ...config, auths, ...(Object.keys(helpers).length === 0 ? {} : { credHelpers: helpers }) };
}

/** Whether there is a login for this registry already. A helper for all registries does not count: nobody knows what it has. */
export function hasLogin(config: DockerConfig, host: string): boolean {
  const key = keyOf(host);
  return fieldsOf(config["auths"])[key] !== undefined || fieldsOf(config["credHelpers"])[key] !== undefined;
}

/** `USER:PASSWORD` as Docker and a registry's basic authentication write it. */
export function encodeLogin(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString("base64");
}

/** The person's own configuration; nothing where there is none. */
export async function readDockerConfig(env: Host["env"]): Promise<DockerConfig> {
  return readConfig(dockerFolder(env));
}

async function readConfig(folder: string | undefined): Promise<DockerConfig> {
  if (folder === undefined) return {};
  const path = join(folder, "config.json");
  const text = await readFile(path, "utf8").catch(() => "");
  if (text.trim() === "") return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch (error) {
    // The parser's message may quote a secret.
    const said = error instanceof SyntaxError ? "it is not JSON" : errorMessage(error);
    throw new SlipwayError("credentials", `reading ${path}: ${said}`, {
      hint: "mend the file, or log in again in the step before",
    });
  }
}

function dockerFolder(env: Host["env"]): string | undefined {
  const home = env["HOME"] ?? env["USERPROFILE"];
  return env["DOCKER_CONFIG"] || (home === undefined ? undefined : join(home, ".docker"));
}

function keyOf(host: string): string {
  return host === "docker.io" ? "https://index.docker.io/v1/" : host;
}
