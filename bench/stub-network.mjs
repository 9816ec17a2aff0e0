// Loaded before the command line (`node --import`): answers what planning asks of registries within the process, so that planning
// alone is measured. Any base image is there; a fingerprint's image is there when BENCH_PLAN names a plan that has it. At exit it
// writes the largest resident size in kilobytes, and the number of requests, to the file that BENCH_REPORT names.
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { Readable } from "node:stream";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";
const config = JSON.stringify({ architecture: "amd64", os: "linux", config: { Env: ["PATH=/bin"], WorkingDir: "/" } });
const descriptor = (mediaType, text) => ({ mediaType, digest: digestOf(text), size: Buffer.byteLength(text) });
const image = JSON.stringify({
  schemaVersion: 2,
  mediaType: manifestType,
  config: descriptor("application/vnd.oci.image.config.v1+json", config),
  layers: [],
});
const published = new Map(readPublished());
let requests = 0;

for (const protocol of [http, https]) {
  protocol.request = ({ method = "GET", path }) => {
    requests += 1;
    const sent = new EventEmitter();
    sent.writableFinished = true;
    sent.destroy = () => sent;
    sent.end = () => {
      setImmediate(() => {
        const { status, headers, text } = answerOf(path.replace(/\?.*$/, ""));
        const message = Readable.from(method === "HEAD" || text === "" ? [] : [Buffer.from(text)]);
        message.on("close", () => sent.emit("close"));
        const lines = Object.entries(headers).map(([name, value]) => [name, [value]]);
        sent.emit(
          "response",
          Object.assign(
            message,
            { statusCode: status, headers, complete: true },
            { headersDistinct: Object.fromEntries(lines) },
          ),
        );
      });
      return sent;
    };
    return sent;
  };
}
syncBuiltinESMExports();

function answerOf(path) {
  const [, kind = "", reference = ""] = /\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
  if (kind === "blobs") return answer("application/octet-stream", config);
  if (kind === "tags") return answer("application/json", JSON.stringify({ name: "stub", tags: [] }));
  if (kind !== "manifests") return answer("text/plain", "");
  if (!reference.startsWith("fp-")) return answer(manifestType, image);
  const index = published.get(reference);
  return index === undefined ? { status: 404, headers: {}, text: "" } : answer(indexType, index);
}

process.on("exit", () => {
  const file = process.env["BENCH_REPORT"];
  const { maxRSS } = process.resourceUsage();
  if (file !== undefined) writeFileSync(file, JSON.stringify({ kilobytes: maxRSS, requests }));
});

function answer(type, text) {
  const headers = {
    "content-type": type,
    "content-length": String(Buffer.byteLength(text)),
    "docker-content-digest": digestOf(text),
  };
  return { status: 200, headers, text };
}

function readPublished() {
  const file = process.env["BENCH_PLAN"];
  if (file === undefined) return [];
  const { steps } = JSON.parse(readFileSync(file, "utf8"));
  return steps.flatMap(({ platforms }) =>
    platforms.map(({ platform, fingerprint }) => [
      `fp-${fingerprint.slice(7, 39)}`,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [{ ...descriptor(manifestType, image), platform: { os: "linux", architecture: "amd64" } }],
        annotations: {
          "dev.slipway.fingerprint": fingerprint,
          "dev.slipway.platform": platform,
          "dev.slipway.commit": "0".repeat(40),
          "dev.slipway.built-at": new Date().toISOString(),
          "dev.slipway.size": "1",
        },
      }),
    ]),
  );
}

function digestOf(text) {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
