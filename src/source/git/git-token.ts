import type { Host } from "../../host.ts";

/**
 * Gives git, and no other program, a token for one server. The token travels in the environment of git's own processes (`GIT_CONFIG_*`): it
 * is in no argument list and no file, and later steps do not have it.
 */
export function withGitToken(host: Host, server: string, token: string): Host {
  const url = new URL(server);
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const settings: readonly (readonly [key: string, value: string])[] = [
    // Resets a header from another step: git would send both, and the server would refuse them.
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
