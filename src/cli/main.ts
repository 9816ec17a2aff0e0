#!/usr/bin/env node
import { makeNodeHost } from "../node-host.ts";
import { runCli } from "./program.ts";

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
