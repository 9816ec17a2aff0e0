import type { Host } from "../host.ts";

/**
 * The same host, on which git, and nothing else that runs, has a token for one server. It goes by the environment of git's
 * own processes (`GIT_CONFIG_*`): it is in no argument list, no file and no other process, and later steps do not have it.
 */
export function withGitToken(host: Host, server: string, token: string): Host {
  const url = new URL(server);
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const settings: readonly (readonly [key: string, value: string])[] = [
    // A header that another step left behind would be sent beside this one, and the server would refuse both.
    [`http.${url.origin}/.extraheader`, ""],
    [`http.${url.origin}/.extraheader`, `AUTHORIZATION: basic ${basic}`],
  ];
  const before = Number(host.env["GIT_CONFIG_COUNT"] ?? "0") || 0;
  const added: Record<string, string> = { GIT_CONFIG_COUNT: String(before + settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    added[`GIT_CONFIG_KEY_${before + index}`] = key;
    added[`GIT_CONFIG_VALUE_${before + index}`] = value;
  }
  return {
    ...host,
    run: (program, args, options = {}) =>
      host.run(program, args, program === "git" ? { ...options, env: { ...added, ...options.env } } : options),
  };
}
