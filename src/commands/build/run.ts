export { build as run } from "../../pipeline/build-command.ts";
export { renderBuildResult as render } from "../../report/render-result.ts";
