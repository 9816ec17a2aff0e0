/** Reads a Dockerfile: its stages, what each reads, and the images it starts from. Pure. */
export { baseKey } from "./dockerfile.ts";
export type {
  BaseConfig,
  BaseUse,
  BuildOptions,
  BuildReads,
  Dockerfile,
  FileRead,
  ResolvedBuild,
  ResolvedStage,
  Stage,
} from "./dockerfile.ts";
export { type IgnoreMatcher, type IgnorePatterns, makeIgnoreMatcher, parseIgnoreFile } from "./ignore.ts";
export { parseDockerfile } from "./parse.ts";
export { readBuild } from "./read.ts";
export { resolveBuild } from "./resolve.ts";
export {
  makeContentMatcher,
  makeRootMatcher,
  makeSourceMatcher,
  matchSource,
  splitPivot,
  splitWildcards,
} from "./source-match.ts";
