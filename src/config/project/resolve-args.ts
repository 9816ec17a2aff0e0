import { byCodeUnit } from "../../model/order.ts";
import type { BuildArg } from "../../model/service.ts";
import type { ArgLayer } from "./layer.ts";
import { addFault, type Findings } from "../written/place.ts";
import { isCredential, looksLikeStamp, looksSecret } from "../sources/suspicious-args.ts";

/** Resolves build args, sorted by name. As in Docker, unset ones of the environment are left out. */
export function resolveArgs(
  service: string,
  layers: Readonly<Record<string, ArgLayer>>,
  env: Readonly<Record<string, string | undefined>>,
  { faults, warnings }: Findings,
): Record<string, BuildArg> {
  const args: Record<string, BuildArg> = {};
  for (const [name, arg] of Object.entries(layers).sort(([left], [right]) => byCodeUnit(left, right))) {
    const fromEnv = arg.env ?? (arg.value === null ? name : undefined);
    const value = (fromEnv === undefined ? undefined : env[fromEnv]) ?? arg.value ?? undefined;
    if (value === undefined) continue;
    const credential =
      fromEnv !== undefined && env[fromEnv] !== undefined && isCredential(fromEnv, value) ? fromEnv : arg.variable;
    const secret = arg.allow === undefined ? whySecret(name, value, credential) : undefined;
    if (secret !== undefined) {
      const advice =
        'pass it as a secret ("secrets" and RUN --mount=type=secret), or say in "allow" why it is not a secret';
      addFault(faults, arg.at, `the build arg "${name}" of "${service}" is refused, ${secret}; ${advice}`);
    }
    const stamp = arg.stamp === true;
    if (!stamp && looksLikeStamp(name, value)) {
      warnings.push(
        `${service}: the build arg "${name}" looks like it changes with every commit, which builds the image every time; write "stamp: true" for it in slipway.yaml`,
      );
    }
    args[name] = { value, stamp, ...(credential === undefined ? {} : { confidential: true }) };
  }
  return args;
}

function whySecret(name: string, value: string, credential: string | undefined): string | undefined {
  const why = looksSecret(name, value);
  return (
    why ?? (credential === undefined ? undefined : `its value is that of ${credential}, which looks like a credential`)
  );
}

/** The values by name. */
export function plainValues(args: Readonly<Record<string, BuildArg>>): Record<string, string> {
  return Object.fromEntries(Object.entries(args).map(([name, { value }]) => [name, value]));
}
