import { SlipwayError } from "../../errors.ts";
import type { Inputs } from "../../model/inputs.ts";
import { parsePlatform } from "../../model/platform.ts";
import { readInputs } from "../../inputs/inputs.ts";
import { makeObserver } from "../../core/planning/observer.ts";
import { checkNames, planServices } from "../../core/planning/plan.ts";
import type { Workspace } from "../../core/workspace/workspace.ts";
import type { InputsOptions } from "./spec.ts";

export { renderInputs as render } from "../../report/render-inputs.ts";

/** Makes the JSON document of `slipway inputs`; schema: `docs/reference/inputs.schema.json`. */
export async function run(workspace: Workspace, options: InputsOptions): Promise<Inputs> {
  const { project, tree } = workspace;
  const { service: name } = options;
  checkNames(project.services, [name]);
  const service = project.services.find((each) => each.name === name);
  if (service === undefined) throw new Error(`no service ${name}`);
  const wanted = options.platform === undefined ? service.platforms[0] : parsePlatform(options.platform);
  const platform = service.platforms.find((each) => each === wanted);
  if (platform === undefined) {
    throw new SlipwayError("option-invalid", `"${options.platform}" is no platform of ${name}`, {
      hint: `it is built for ${service.platforms.join(", ")}`,
    });
  }
  if (options.offline) return (await readInputs({ service, platform, tree, lookups: "offline" })).inputs;
  const { observation } = await planServices(makeObserver(workspace), { services: [name] });
  const read = observation.reads.get(name)?.get(platform);
  if (read === undefined) throw new Error(`${name} was not read for ${platform}`);
  return read.inputs;
}
