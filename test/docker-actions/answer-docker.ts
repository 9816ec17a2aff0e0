import { makeTestHost, type TestHost } from "../../src/testing/test-host.ts";
import { type ActionRow, type InputDefaults, rowEnvironment } from "./action-row.ts";
import { makeRowDocker } from "./row-docker.ts";

/** A host with the environment of a row, whose `docker` answers as the row says, and builds nothing. */
export function makeRowHost(row: ActionRow, defaults: InputDefaults): TestHost {
  const { docker } = makeRowDocker(row);
  return makeTestHost({
    env: rowEnvironment(row, defaults),
    run: (_program, args, options) => docker.run(args, options),
  });
}
