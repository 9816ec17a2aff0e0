import type { CacheListDocument } from "../../model/cache-documents.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";
import { cacheFilters } from "./filters.ts";

const written = { arguments: {}, flags: cacheFilters };

export type CacheListOptions = OptionsOf<typeof written>;

export const cacheList: CommandSpec<CacheListOptions, CacheListDocument> = {
  name: "cache list",
  summary: "List GitHub's cache and the registry's cache tags, by tier and service",
  ...written,
  examples: [
    { run: "slipway cache list", for: "everything" },
    { run: "slipway cache list --service api --tier registry", for: "one service's" },
    { run: "slipway cache list --json", for: "every entry, for a program" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};
