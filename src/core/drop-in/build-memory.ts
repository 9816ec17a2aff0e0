import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dockerConfigFolder } from "../../formats/docker-config.ts";
import { asFields, asText, type Fields, parseJson } from "../../formats/json.ts";
import type { Host } from "../../host.ts";

/**
 * Rewrites the paths that buildx keeps of a build (its local state), so that `docker buildx history`, Docker Desktop and docker's annotations
 * find the caller's files after the staged ones are removed. Does nothing where buildx kept none.
 * Source: buildx, localstate/localstate.go, `State`.
 */
export async function rewriteBuildMemory(
  { env }: Pick<Host, "env">,
  metadata: Fields,
  originalOf: (path: string) => string,
): Promise<void> {
  const reference = asText(metadata["buildx.build.ref"]) ?? "";
  const folder = env["BUILDX_CONFIG"] ?? buildxFolder(env);
  if (folder === undefined || !/^[\w.-]+\/[\w.-]+\/\w+$/.test(reference) || reference.includes("..")) return;
  const file = join(folder, "refs", reference);
  const state = asFields(parseJson(await readFile(file, "utf8").catch(() => "")));
  if (state === undefined) return;
  const paths = ["LocalPath", "DockerfilePath"].flatMap((name): [string, string][] => {
    const path = asText(state[name]);
    return path === undefined ? [] : [[name, originalOf(path)]];
  });
  // A build is not a failure because its paths in the history lead nowhere.
  await writeFile(file, JSON.stringify({ ...state, ...Object.fromEntries(paths) })).catch(() => undefined);
}

function buildxFolder(env: Host["env"]): string | undefined {
  const folder = dockerConfigFolder(env);
  return folder === undefined ? undefined : join(folder, "buildx");
}
