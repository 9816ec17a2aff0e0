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
 * Makes a folder for `DOCKER_CONFIG` of this run: the existing configuration with `logins` added. All entries but `config.json` (plugins, contexts,
 * builders) are links. Returns the folder, which the caller removes. `parent`: never the workspace, because a build could read it there.
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

/** Removes the folder of `makeDockerConfig`; the targets of its links stay. */
export async function removeDockerConfig(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Adds logins so that they take precedence over a credential helper for all registries. */
function addLogins(config: DockerConfig, logins: readonly RegistryLogin[]): Fields {
  const auths: Record<string, Fields> = { ...config.auths };
  const helpers: Record<string, string> = { ...config.credHelpers };
  const hasStore = config.credsStore !== undefined && config.credsStore !== "";
  for (const { host, user, password } of logins) {
    const [key] = loginKeys(host);
    auths[key] = { auth: encodeLogin(user, password) };
    // An empty helper makes Docker read this registry's login from the file.
    if (hasStore || helpers[key] !== undefined) helpers[key] = "";
  }
  return { ...config.fields, auths, ...(Object.keys(helpers).length === 0 ? {} : { credHelpers: helpers }) };
}

/** Whether a login for this registry exists already. A credential helper for all registries does not count, because its logins are unknown. */
export function hasLogin({ auths, credHelpers }: DockerConfig, host: string): boolean {
  return findLogin(auths, host) !== undefined || findLogin(credHelpers, host) !== undefined;
}
