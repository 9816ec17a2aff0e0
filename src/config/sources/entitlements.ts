import { isClosedVariable } from "../../model/build-variables.ts";
import type { BuildSecret } from "../../model/service.ts";
import type { Files } from "../files.ts";
import type { Layer } from "../project/layer.ts";
import { addFault, type Faults, type Place } from "../written/place.ts";
import type { Rights } from "./rights.ts";
import { outsideFault } from "../project/within-repository.ts";

/** A definition's requests beyond the repository, without those of slipway.yaml. */
export interface Entitlements {
  readonly service: string;
  readonly at: Place;
  readonly layer: Pick<Layer, "secrets" | "ssh" | "settings">;
}

/**
 * Refuses requests that slipway.yaml does not allow: files outside of the repository as secrets or keys, the ssh agent, the builder's
 * network. As `docker buildx bake` without `--allow`. Each fault names the setting that allows it.
 */
export async function checkEntitlements(
  asking: Entitlements,
  rights: Rights,
  files: Files,
  faults: Faults,
): Promise<void> {
  const { service, at, layer } = asking;
  const { secrets = [], ssh = [], settings } = layer;
  for (const secret of secrets) await checkSecret(asking, secret, files, faults);
  if (ssh.length > 0 && !rights.ssh) {
    const asked = ssh.map((each) => `"${each}"`).join(", ");
    addFault(faults, at, refusal(`"${service}" asks for the ssh agent or keys (${asked})`, "ssh: true"));
  }
  for (const path of ssh.flatMap(keyFiles)) {
    const place = await files.outside(path);
    if (place !== undefined)
      addFault(faults, at, outsideFault(`the ssh key "${path}" of "${service}"`, place, files.root));
  }
  if (settings?.network === "host" && !rights.hostNetwork) {
    addFault(faults, at, refusal(`"${service}" asks for the builder's network ("host")`, "network: host"));
  }
}

async function checkSecret(
  asking: Entitlements,
  { id, from }: BuildSecret,
  files: Files,
  faults: Faults,
): Promise<void> {
  const place = from.kind === "file" ? await files.outside(from.path) : undefined;
  if (from.kind === "env" || place === undefined) return;
  const what = `the file "${from.path}" of the secret "${id}" of "${asking.service}"`;
  addFault(faults, asking.at, outsideFault(what, place, files.root));
}

/** Refuses a secret from a variable that buildx or BuildKit reads itself: it would change the build without being counted. */
export function checkSecretVariable({ id, from }: BuildSecret, at: Place, faults: Faults): void {
  if (from.kind === "file" || !isClosedVariable(from.name)) return;
  const what = `the secret "${id}" is from the variable ${from.name}, which buildx or BuildKit reads itself and which may change the build`;
  addFault(faults, at, `${what}; give the variable another name`);
}

/** `id=path,path`; an id alone means the agent. */
function keyFiles(ssh: string): string[] {
  const equals = ssh.indexOf("=");
  return equals < 0 ? [] : ssh.slice(equals + 1).split(",");
}

function refusal(what: string, setting: string): string {
  return `${what}, which a definition gets only where slipway.yaml allows it: "allow: { ${setting} }"`;
}
