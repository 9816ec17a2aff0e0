#!/usr/bin/env node
import { explainUnsupportedNode } from "../node-version.ts";

// A Node that is not supported would trip over what the rest imports, and say something that helps nobody; so the rest is loaded after this.
const fault = explainUnsupportedNode(process.versions.node);
if (fault === undefined) await start();
else {
  process.stderr.write(`error: ${fault.message}\n hint: ${fault.hint}\n`);
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const [{ makeNodeHost }, { runCli }] = await Promise.all([import("../node-host.ts"), import("./program.ts")]);
  const stop = new AbortController();
  let asked = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      asked += 1;
      stop.abort();
      // Who asks three times does not want to wait for an orderly end.
      if (asked > 2) process.exit(130);
    });
  }
  // A reader that went away (`slipway plan | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  process.exitCode = await runCli(makeNodeHost({ signal: stop.signal }), process.argv.slice(2));
}
