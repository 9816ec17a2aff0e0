import type { Host } from "../../host.ts";
import { isCredential } from "./suspicious-args.ts";

/**
 * The host that definitions are read with. Programs that read them (`docker buildx bake`) get neither variables that look like
 * credentials nor, where `seen` is given, any other than those and what a program needs to run. Without `seen` the readers of this
 * program still find every variable, so that they can say which one is refused.
 *
 * @param seen The only variables that definitions see; undefined: all that do not look like credentials.
 */
export function definitionHost(host: Host, seen: ReadonlySet<string> | undefined): Host {
  const isSeen = (name: string): boolean => seen === undefined || seen.has(name);
  const names = Object.keys(host.env);
  const removed = names.filter((name) => {
    if (isCredential(name, host.env[name] ?? "")) return true;
    return !isSeen(name) && !neededByPrograms.test(name);
  });
  const without = Object.fromEntries(removed.map((name) => [name, undefined]));
  return {
    ...host,
    env: seen === undefined ? host.env : Object.fromEntries(names.filter(isSeen).map((name) => [name, host.env[name]])),
    run: (program, args, options = {}) => host.run(program, args, { ...options, env: { ...without, ...options.env } }),
  };
}

/** Variables by which a program finds its parts, its settings and the network. A definition should depend on none of them. */
const neededByPrograms =
  /^(?:PATH|HOME|USER|USERPROFILE|SYSTEMROOT|APPDATA|LOCALAPPDATA|TMPDIR|TEMP|TMP|LANG|LC_[A-Z]+|XDG_[A-Z_]+|DOCKER_(?:CONFIG|CONTEXT|HOST|TLS_VERIFY|CERT_PATH|API_VERSION)|BUILDX_(?:CONFIG|BUILDER)|SSL_CERT_(?:FILE|DIR)|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)$/;
