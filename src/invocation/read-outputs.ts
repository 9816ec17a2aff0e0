import { splitCsv, splitCsvPairs } from "../formats/csv-fields.ts";
import type { InvocationOutput } from "../model/build-invocation.ts";

/** Values of the flags about outputs. */
export interface OutputFlags {
  readonly outputs: readonly string[];
  readonly push: boolean;
  readonly load: boolean;
}

/**
 * Returns the outputs of a build, including those that `--push` and `--load` add. Source: buildx, util/buildflags/export.go and commands/build.go.
 */
export function readOutputs(
  { outputs, push, load }: OutputFlags,
  refuse: (written: string, because: string) => void,
): InvocationOutput[] {
  const written = outputs
    .filter((each) => each !== "")
    .flatMap((each) => {
      const output = readOutput(each);
      if (output === undefined) refuse(`--output ${each}`, "it is not a list of KEY=VALUE with a type");
      return output ?? [];
    });
  const pushed = push ? written.map((each) => (each.type === "image" ? pushing(each) : each)) : written;
  const isPushed = pushed.some(({ type, attributes }) => type === "image" && attributes["push"] === "true");
  const isLoaded = written.some(({ type, destination }) => type === "docker" && destination === undefined);
  return [
    ...pushed,
    ...(push && !isPushed ? [pushing({ type: "image", attributes: {}, destination: undefined })] : []),
    ...(load && !isLoaded ? [{ type: "docker", attributes: {}, destination: undefined }] : []),
  ];
}

function readOutput(written: string): InvocationOutput | undefined {
  const fields = splitCsv(written);
  if (fields?.length === 1 && fields[0] === written && !written.startsWith("type=")) {
    return { type: written === "-" ? "tar" : "local", attributes: {}, destination: written };
  }
  const pairs = splitCsvPairs(written);
  const { type, dest, ...attributes } = Object.fromEntries(pairs ?? []);
  if (type === undefined || type === "") return undefined;
  const output = { type, attributes, destination: dest };
  return type === "registry" ? pushing({ ...output, type: "image" }) : output;
}

function pushing(output: InvocationOutput): InvocationOutput {
  return { ...output, attributes: { ...output.attributes, push: "true" } };
}
