import { z } from "zod";
import { abandon, abandonmentRecord, build, release, releaseManifest, rollback, rollbackRecord } from "./release.ts";
import { init } from "./init.ts";
import { cacheList, cachePrune } from "./caches.ts";
import { error, replay, services, status } from "./commands.ts";
import { event } from "./event.ts";
import { history } from "./history.ts";
import { inputs, plan } from "./plan.ts";
import { pin } from "./deployments.ts";
import { layers } from "./layers.ts";
import { verification } from "./verification.ts";
import { sbom } from "./sbom.ts";
import { publishers } from "./publishers.ts";

/** A JSON document of the program: what its page and schema are called, and what it is. */
export interface Document {
  readonly name: string;
  readonly about: string;
  readonly schema: z.ZodType;
}

/** Every document, in the order of the index. `about` is a sentence for the index and the schema's title. */
export const documents: readonly Document[] = [
  { name: "services", about: "What `slipway services --json` prints", schema: services },
  { name: "plan", about: "What `slipway plan --json` prints", schema: plan },
  { name: "inputs", about: "What `slipway inputs SERVICE --json` prints", schema: inputs },
  { name: "build", about: "What `slipway build --json` prints", schema: build },
  { name: "release", about: "What `slipway release --json` prints", schema: release },
  { name: "status", about: "What `slipway status --json` prints", schema: status },
  { name: "verify", about: "What `slipway verify --json` prints", schema: verification },
  { name: "rollback", about: "What `slipway rollback --json` prints", schema: rollback },
  { name: "abandon", about: "What `slipway abandon --json` prints", schema: abandon },
  { name: "publishers", about: "What `slipway publishers --json` prints", schema: publishers },
  { name: "init", about: "What `slipway init --json` prints", schema: init },
  { name: "cache-list", about: "What `slipway cache list --json` prints", schema: cacheList },
  { name: "cache-prune", about: "What `slipway cache prune --json` prints", schema: cachePrune },
  { name: "pin", about: "What `slipway pin --json` prints", schema: pin },
  { name: "layers", about: "What `slipway layers --json` prints", schema: layers },
  { name: "sbom", about: "What `slipway sbom --json` prints", schema: sbom },
  { name: "history", about: "What `slipway history --json` prints", schema: history },
  { name: "replay", about: "What `slipway replay --json` prints", schema: replay },
  { name: "error", about: "What any command prints with `--json` when it ends with an error", schema: error },
  { name: "event", about: "A line of the file that `--events FILE` writes", schema: event },
  { name: "release-manifest", about: "The record of a release, in the release repository", schema: releaseManifest },
  { name: "rollback-record", about: "The record of a rollback, in the release repository", schema: rollbackRecord },
  {
    name: "abandonment-record",
    about: "The record of an abandonment, in the release repository",
    schema: abandonmentRecord,
  },
];

/**
 * The JSON Schema of a document. It allows fields it does not name, since later versions may add some; `closed` does not,
 * for a test to notice what the schema does not know.
 */
export function makeSchema({ about, schema }: Document, closed = false): Record<string, unknown> {
  const {
    $schema,
    id: _id,
    $id: _rootId,
    ...made
  } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    // What is written, not the program's own types behind it.
    io: "input",
    override: ({ jsonSchema }) => {
      delete jsonSchema["id"];
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      // That numbers fit into a double goes without saying.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (closed && jsonSchema.properties !== undefined) jsonSchema.additionalProperties = false;
    },
  });
  return { $schema, title: about.replaceAll("`", ""), ...made };
}

export function renderSchema(document: Document): string {
  return `${JSON.stringify(makeSchema(document), undefined, 2)}\n`;
}
