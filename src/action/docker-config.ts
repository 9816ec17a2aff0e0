import { readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../host.ts";
import { type DockerConfig, dockerConfigFolder, encodeLogin, findLogin, loginKeys } from "../formats/docker-config.ts";
import type { Fields } from "../formats/json.ts";
import { readDockerConfig } from "../registry/docker-config.ts";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { RegistryLogin } from "./registries.ts";

/**
 * Makes a folder for `DOCKER_CONFIG` that is this run's own: what the person's has, and `logins` beside. Everything but
 * `config.json` (plugins, contexts, builders) is linked. Gives the folder; who calls removes it. `parent`: never the workspace, where a build could read it.
 */
export async function makeDockerConfig(
  host: Host,
  logins: readonly RegistryLogin[],
  parent = tmpdir(),
): Promise<string> {
  const from = dockerConfigFolder(host.env);
  const folder = await makeTemporaryFolder(host, "docker", parent);
  const entries = from === undefined ? [] : await readdir(from).catch(() => []);
  for (const entry of entries) {
    if (from !== undefined && entry !== "config.json") await symlink(join(from, entry), join(folder, entry));
  }
  const text = JSON.stringify(addLogins((await readDockerConfig(host.env)).config, logins), null, 2);
  await writeFile(join(folder, "config.json"), text, { mode: 0o600 });
  return folder;
}

/** Removes what `makeDockerConfig` made; what is linked stays. */
export async function removeDockerConfig(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Adds logins so that they win over a credential helper for all registries. */
function addLogins(config: DockerConfig, logins: readonly RegistryLogin[]): Fields {
  const auths: Record<string, Fields> = { ...config.auths };
  const helpers: Record<string, string> = { ...config.credHelpers };
  const hasStore = config.credsStore !== undefined && config.credsStore !== "";
  for (const { host, user, password } of logins) {
    const [key] = loginKeys(host);
    auths[key] = { auth: encodeLogin(user, password) };
    // An empty name: this registry's login is in this file.
    if (hasStore || helpers[key] !== undefined) helpers[key] = "";
  }
  return { ...config.fields, auths, ...(Object.keys(helpers).length === 0 ? {} : { credHelpers: helpers }) };
}

/** Whether there is a login for this registry already. A helper for all registries does not count: nobody knows what it has. */
export function hasLogin({ auths, credHelpers }: DockerConfig, host: string): boolean {
  return findLogin(auths, host) !== undefined || findLogin(credHelpers, host) !== undefined;
}
