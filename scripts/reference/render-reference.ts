import {
  renderReference as renderConfiguration,
  renderSchema as renderConfigurationSchema,
} from "../../src/config/testing/render-reference.ts";
import {
  renderActionReference,
  renderActionYaml,
  renderBakeYaml,
  renderBuildPushYaml,
  renderSetupYaml,
} from "./render-action.ts";
import { renderCli, renderHelps } from "./render-cli.ts";
import { renderIndex } from "./render-index.ts";
import { documents, renderSchema } from "./render-schema.ts";

/** Every file that is generated from the program, by its path from the repository's root. */
export function renderReference(): ReadonlyMap<string, string> {
  return new Map([
    ["action.yml", renderActionYaml()],
    ["bake/action.yml", renderBakeYaml()],
    ["build-push/action.yml", renderBuildPushYaml()],
    ["setup/action.yml", renderSetupYaml()],
    ["docs/reference/README.md", renderIndex()],
    ["docs/reference/action.md", renderActionReference()],
    ["docs/reference/cli.md", renderCli()],
    ["docs/reference/configuration.md", renderConfiguration()],
    ["docs/reference/slipway.schema.json", renderConfigurationSchema()],
    ...documents.map((document): [string, string] => [
      `docs/reference/${document.name}.schema.json`,
      renderSchema(document),
    ]),
    ...[...renderHelps()].map(([name, help]): [string, string] => [`test/golden/help/${name}.txt`, help]),
  ]);
}
