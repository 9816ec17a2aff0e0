export { build as run } from "../../core/building/build-command.ts";
export { renderBuildResult as render } from "../../report/render-result.ts";
