import { parseDockerfile } from "../../dockerfile/syntax/parse.ts";
import type { Dockerfile } from "../../dockerfile/syntax/dockerfile.ts";
import { isInDefinitions } from "../../errors.ts";
import { holdsToken } from "../sources/suspicious-args.ts";
import { addFault, type Faults } from "../written/place.ts";
import type { ArgLayer } from "./layer.ts";

/** A service's Dockerfile, and the build args that its definitions allow by name. */
export interface ServiceDockerfile {
  readonly service: string;
  readonly file: string;
  readonly text: string;
  readonly args: Readonly<Record<string, ArgLayer>>;
}

/**
 * Refuses variables and defaults of args in a Dockerfile whose value is a private key or a token: the image's configuration or history would
 * hold it. `allow` of the arg of that name in slipway.yaml says why one is no secret. Neither a name alone nor a password in a URL is a
 * reason, since those that are written there are placeholders for the most part.
 */
export function checkEnvironment({ service, file, text, args }: ServiceDockerfile, faults: Faults): void {
  // Most Dockerfiles hold nothing that looks like a secret, and are parsed later only.
  if (!holdsToken(text)) return;
  for (const { instruction, name, value, line } of variablesOf(file, text)) {
    if (!holdsToken(value) || args[name]?.allow !== undefined) continue;
    const advice = `use \`RUN --mount=type=secret\`, or say in slipway.yaml why it is not a secret: args: { ${name}: { allow: "…" } }`;
    addFault(
      faults,
      { file, line },
      `${instruction} ${name} of "${service}" is refused, its value looks like a secret, and the image would hold it; ${advice}`,
    );
  }
}

interface Variable {
  readonly instruction: "ARG" | "ENV";
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

function variablesOf(file: string, text: string): Variable[] {
  const { globalArgs, stages } = parseIfValid(file, text) ?? { globalArgs: [], stages: [] };
  const inStages = stages.flatMap(({ commands }) =>
    commands.flatMap((command): Variable[] => {
      const { line } = command;
      if (command.kind === "env") {
        return command.pairs.map(([name, value]) => ({ instruction: "ENV", name, value, line }));
      }
      if (command.kind !== "arg") return [];
      return command.pairs.map(({ name, value = "" }) => ({ instruction: "ARG", name, value, line }));
    }),
  );
  const global = globalArgs.map(({ name, value = "", line }): Variable => ({ instruction: "ARG", name, value, line }));
  return [...global, ...inStages];
}

/** Parses a Dockerfile; undefined: it is not valid, which is reported when its inputs are read. */
function parseIfValid(file: string, text: string): Dockerfile | undefined {
  try {
    return parseDockerfile(text, file);
  } catch (error) {
    if (!isInDefinitions(error)) throw error;
    return undefined;
  }
}
