import { isLoopback } from "../../formats/address.ts";
import type { Builder } from "../../buildkit/builder.ts";
import { readBuilderPlace } from "../../buildkit/builder-place.ts";
import { type BuilderDemands, checkBuilder } from "../../buildkit/check-builder.ts";
import { SlipwayError } from "../../errors.ts";
import type { ReadInputs } from "../../inputs/inputs.ts";
import { byCodeUnit } from "../../model/order.ts";
import { parseReference, registryOf } from "../../model/reference.ts";
import type { Service } from "../../model/service.ts";
import { insecureRegistries } from "../../registry/endpoint.ts";
import type { Destination } from "../planning/destination.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Checks before the first build what a builder cannot do. Throws `unavailable` with one line and one hint for each certain fault; a likely
 * fault is a warning.
 */
export async function checkChosenBuilder(
  { host, emit }: Pick<Workspace, "host" | "emit">,
  builder: Builder,
  demands: BuilderDemands,
): Promise<void> {
  const faults = checkBuilder(builder, await readBuilderPlace(host, builder, demands), demands);
  for (const { message, hint } of faults.filter(({ isGuess }) => isGuess)) {
    emit({ kind: "warning", message: `${message}: ${hint}` });
  }
  const certain = faults.filter(({ isGuess }) => !isGuess);
  if (certain.length === 0) return;
  const message = certain.map((fault) => fault.message).join("\n");
  throw new SlipwayError("builder-unavailable", message, { hint: certain.map(({ hint }) => hint).join("\n") });
}

/** A service that is built or may be built, with the inputs read for each of its solves. */
export interface ServiceBuild {
  readonly service: Service;
  readonly reads: readonly ReadInputs[];
}

/** What the solves of these services demand of a builder. `storeOf`: where images are pushed; undefined: nowhere. */
export function demandsOf(
  env: Readonly<Record<string, string | undefined>>,
  building: readonly ServiceBuild[],
  storeOf: Extract<Destination, { kind: "registry" }>["storeOf"] | undefined,
): BuilderDemands {
  const solves = building.flatMap(({ service, reads }) =>
    reads.map((read) => ({ service: service.name, runsOn: read.runsOn, bases: basesOf(read) })),
  );
  const bases = solves.flatMap((solve) => solve.bases);
  const pushed = storeOf === undefined ? [] : building.map(({ service }) => registryOf(storeOf(service).name));
  const insecure = insecureRegistries(env);
  return {
    solves,
    keepsImages: storeOf !== undefined || building.some(({ service }) => service.needs.length > 0),
    loopback: distinct([...pushed, ...bases].filter(isLoopback)),
    plainBases: distinct(bases.filter((registry) => insecure.has(registry) && !isLoopback(registry))),
  };
}

/** Registries of the images that BuildKit gets by digest. */
function basesOf({ sources: { pins, frontend } }: ReadInputs): string[] {
  const images = [...Object.values(pins), ...(frontend === undefined ? [] : [frontend])];
  return images.flatMap((pin) => {
    const reference = pin.startsWith("oci-layout://") ? undefined : parseReference(pin.replace("docker-image://", ""));
    return reference === undefined ? [] : [registryOf(reference.name)];
  });
}

function distinct(hosts: readonly string[]): string[] {
  return [...new Set(hosts)].sort(byCodeUnit);
}
