import { makeTestHost, type TestHost } from "../../src/testing/test-host.ts";
import { printedBuilders } from "./builders.ts";
import { type ActionRow, type InputDefaults, rowEnvironment, usualBuildx } from "./run-recorded.ts";

/** A host with the environment of a row, whose `docker` answers as the row says, and builds nothing. */
export function makeRowHost(row: ActionRow, defaults: InputDefaults): TestHost {
  return makeTestHost({
    env: rowEnvironment(row, defaults),
    run: async (_, [, command]) => {
      const builder = printedBuilders[row.builder ?? "docker-container"];
      const answer = (exitCode: number, stdout: string, stderr = "") => ({
        exitCode,
        stdout: new TextEncoder().encode(stdout),
        stderr,
      });
      if (row.buildx === null) return answer(1, "", "docker: 'buildx' is not a docker command.");
      if (command === "version") return answer(0, `github.com/docker/buildx v${row.buildx ?? usualBuildx} 0123456789`);
      if (command === "inspect") {
        return row.builder === null ? answer(1, "", 'ERROR: no builder "gone" found') : answer(0, builder);
      }
      return answer(0, JSON.stringify(row.definition ?? {}));
    },
  });
}
