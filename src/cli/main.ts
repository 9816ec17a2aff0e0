#!/usr/bin/env node
import { explainUnsupportedNode } from "../node-version.ts";

// An old Node fails while it loads the rest, with an error that does not name the cause; so this check comes before the rest is loaded.
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
