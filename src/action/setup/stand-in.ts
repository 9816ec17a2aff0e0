import { connect } from "node:net";
import { makeNodeHost } from "../../node-host.ts";
import { directVariable, jobVariable } from "../../plugin/stand-in.ts";
import { runStandIn } from "./run-stand-in.ts";

// Program that the stand-in's script starts for a build.

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

// Docker's command closes this socket where it would otherwise send a signal, because a plugin may be in another process group. An address that
// begins with `@` is an abstract one of Linux. Source: docker/cli, cli-plugins/socket/socket.go.
const socket = process.env["DOCKER_CLI_PLUGIN_SOCKET"] ?? "";
if (socket !== "") {
  const connection = connect(socket.replace(/^@/, "\0"));
  connection.on("end", () => stop.abort());
  connection.on("error", () => undefined);
  connection.unref();
}

process.exitCode = await runStandIn(makeNodeHost({ signal: stop.signal }), {
  args: process.argv.slice(2),
  real: process.env[directVariable] ?? "",
  folder: process.env[jobVariable] ?? "",
});
