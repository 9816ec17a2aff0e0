import { exitCodeOf, SlipwayError } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/model/error-code.ts";

const meanings: Readonly<Record<ErrorCode, string>> = {
  failed: "a service did not build, or something nobody foresaw",
  usage: "the command line is wrong; nothing was done",
  configuration: "slipway.yaml, a Dockerfile or another definition is wrong; nothing was done",
  repository: "not a git repository, history is missing, changes are not committed; nothing was done",
  refused:
    "a tag may not move so, a version exists with other content, a digest does not match, a registry takes no such request",
  credentials: "credentials are missing or wrong, or lack the permission",
  unavailable: "something outside was not available; the same command may succeed later",
  interrupted: "interrupted, by Ctrl-C or the CI system; the same command goes on",
};

/** Every exit code with the error codes behind it and what they mean, a row each, sorted by exit code. */
export function renderExitCodes(): string {
  const rows = errorCodes().map((code) => ({ exit: exitCodeOf(new SlipwayError(code, "")), code }));
  rows.sort((left, right) => left.exit - right.exit);
  return [
    "| exit code | `error.code` | meaning |",
    "|---|---|---|",
    "| 0 | | done, also when everything was reused |",
    ...rows.map(({ exit, code }) => `| ${exit} | \`${code}\` | ${meanings[code]} |`),
  ].join("\n");
}

function errorCodes(): ErrorCode[] {
  return Object.keys(meanings).filter((code): code is ErrorCode => code in meanings);
}
