// The plugin that semantic-release loads as `slipway/semantic-release`: each export is a step of its life cycle.
export type { PluginContext, PluginLogger, ReleaseContext } from "./context.ts";
export { type PublishedRelease, publish, success } from "./publish.ts";
export { fail, prepare } from "./steps.ts";
export { verifyConditions } from "./verify-conditions.ts";
