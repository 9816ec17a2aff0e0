import { SlipwayError } from "../../errors.ts";
import { readGoBoolean } from "../../formats/go-boolean.ts";
import { commaFields } from "./comma-fields.ts";
import type { DockerRun } from "./docker-run.ts";

// Rules of docker's actions about attestations. Source: docker/actions-toolkit, src/buildx/build.ts.

/** Converts the input `provenance`, a boolean of YAML or attributes, to which the run's address is added. */
export function provenanceAttributes(input: string, run: DockerRun): string {
  if (/^(?:true|True|TRUE)$/.test(input)) return `builder-id=${run.url}`;
  if (/^(?:false|False|FALSE)$/.test(input)) return "false";
  return input === "" ? "" : withBuilderId(input, run);
}

/** Adds the run's address as the builder's id, unless the attributes name one. */
export function withBuilderId(attributes: string, run: DockerRun): string {
  const [fields = []] = commaFields([attributes]);
  const isNamed = fields.some((field) => field.split("=")[0]?.trim() === "builder-id");
  return isNamed ? attributes : `${attributes},builder-id=${run.url}`;
}

/** Returns the default provenance; for a private repository it does not contain the build's arguments. */
export function defaultProvenance(run: DockerRun): string {
  return `type=provenance,${withBuilderId(run.isPrivate ? "mode=min,inline-only=true" : "mode=max", run)}`;
}

/** Renders attributes of an attestation; a single `true` or `false` becomes `disabled=…`. */
export function attestationAttributes(attributes: string): string {
  const fields = commaFields([attributes]).flat();
  const named = (field: string, isOn: boolean | undefined): string =>
    isOn === undefined ? field : `disabled=${!isOn}`;
  return fields.map((field) => named(field, readGoBoolean(field))).join(",");
}

/** Whether default attestations are omitted. Throws `option-invalid` if the variable is not a boolean. */
export function leavesOutDefaults(value: string | undefined): boolean {
  if (value === undefined || value === "") return false;
  const isOn = readGoBoolean(value);
  if (isOn !== undefined) return isOn;
  throw new SlipwayError("option-invalid", `parseBool syntax error: ${value}`, {
    hint: "it is in the variable BUILDX_NO_DEFAULT_ATTESTATIONS",
  });
}

/** Whether a variable is set to true; a value that is not a boolean counts as false. */
export function isSwitchedOn(value: string | undefined): boolean {
  return value !== undefined && readGoBoolean(value) === true;
}
