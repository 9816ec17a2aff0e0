import type { Host, Output } from "../host.ts";

/** `live`: redrawn in place; `plain`: a line a change; `quiet`: failures only. */
export type ReportMode = "live" | "plain" | "quiet";

/** Chooses the mode: live only on a terminal that can move its cursor, and not in CI. */
export function chooseMode(host: Pick<Host, "env" | "stderr">, flags: { readonly quiet: boolean }): ReportMode {
  if (flags.quiet) return "quiet";
  return host.stderr.isTTY && !isCi(host.env) && host.env["TERM"] !== "dumb" ? "live" : "plain";
}

/**
 * Whether `output` gets colours: `--no-color` (`flag` is false) and `NO_COLOR` forbid them, `FORCE_COLOR` forces them, otherwise a terminal
 * that is not dumb gets them.
 */
export function chooseColor(host: Pick<Host, "env">, output: Pick<Output, "isTTY">, flag: boolean): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force = "", TERM: term } = host.env;
  if (!flag || no !== "") return false;
  if (force !== "") return force !== "0" && force !== "false";
  return output.isTTY && term !== "dumb";
}

/** Whether the terminal shows more than ASCII, by its locale; yes if there is none. */
export function chooseUnicode(host: Pick<Host, "env">): boolean {
  const { LC_ALL: all = "", LC_CTYPE: characters = "", LANG: language = "", TERM: term } = host.env;
  const locale = [all, characters, language].find((each) => each !== "");
  if (term === "linux") return false;
  return locale === undefined || /utf-?8/i.test(locale);
}

/** Whether `CI` is set and does not mean no. */
function isCi(env: Host["env"]): boolean {
  const { CI: ci = "" } = env;
  return ci !== "" && ci !== "0" && ci !== "false";
}
