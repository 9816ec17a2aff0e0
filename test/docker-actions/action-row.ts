import { type ActionEventName, actionEvents } from "./events.ts";
import type { PrintedBuilderName } from "./builders.ts";

/** One combination of inputs and surroundings of a step. */
export interface ActionRow {
  readonly name: string;
  /** As a workflow writes it under `with:`. */
  readonly with: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly event?: ActionEventName;
  /** Version of buildx; null: docker has no buildx. */
  readonly buildx?: string | null;
  /** `null`: there is no such builder. */
  readonly builder?: PrintedBuilderName | null;
  /** Output of `docker buildx bake --print`. */
  readonly definition?: object;
  /** How the build ends, where it does not end well. */
  readonly fails?: { readonly stdout?: string; readonly stderr: string };
}

/** Inputs with their defaults, as `action.yml` has them; `${{ github.token }}` among them. */
export type InputDefaults = Readonly<Record<string, string>>;

/** Newest buildx that the facts were read with. */
export const usualBuildx = "0.31.0";

/** Value of `github.token` in the rows. */
const rowToken = "ghs_token";

/** The environment of a row's step, but for the paths of the machine. */
export function rowEnvironment(row: ActionRow, defaults: InputDefaults): Record<string, string> {
  const event = actionEvents[row.event ?? "push"];
  const given = Object.entries(defaults).map(([name, value]) => [
    `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`,
    (row.with[name] ?? value).replaceAll("${{ github.token }}", rowToken),
  ]);
  return { ...event.env, ...Object.fromEntries(given), ...row.env };
}
