import { before } from "../formats/trim.ts";
import { SlipwayError } from "../errors.ts";

/** Login to one registry. `user` and `password` are empty in runs without secrets, such as those for forks. */
export interface RegistryLogin {
  readonly host: string;
  readonly user: string;
  readonly password: string;
}

/** Reads lines `HOST USER PASSWORD`. Throws `usage` with the line numbers only, because the lines may contain secrets. */
export function parseRegistries(text: string): RegistryLogin[] {
  const wrong: number[] = [];
  const logins = text.split("\n").flatMap((line, index): RegistryLogin[] => {
    const [host = "", user = "", ...rest] = line.trim().split(/\s+/);
    if (host === "") return [];
    if (user !== "" && rest.length !== 1) wrong.push(index + 1);
    return [{ host: normalize(host), user, password: rest[0] ?? "" }];
  });
  if (wrong.length === 0) return logins;
  const lines = `line ${wrong.join(", line ")}`;
  throw new SlipwayError("option-invalid", `${lines}: not a host, a user and a password with spaces between`, {
    hint: "ghcr.io needs no line; what a secret holds must have no spaces",
  });
}

/** Normalizes a host to the form of image names: `docker.io`, `ghcr.io`, `registry.example.com:5000`. */
function normalize(host: string): string {
  const bare = before(host.replace(/^https?:\/\//, ""), "/");
  return bare === "index.docker.io" || bare === "registry-1.docker.io" || bare === "registry.hub.docker.com"
    ? "docker.io"
    : bare;
}
