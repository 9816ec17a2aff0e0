/** Output of `docker buildx inspect` by builder. */
export const printedBuilders = {
  "docker-container": builder("docker-container", ["v0.25.1"]),
  "docker of a distribution": builder("docker", ["v0.25.1"]),
  docker: builder("docker", ["v0.12.5-moby"]),
  "an old docker-container": builder("docker-container", ["v0.10.6"]),
  "two nodes, one of them old": builder("docker-container", ["v0.25.1", "v0.10.6"]),
  "a release candidate": builder("docker-container", ["v0.26.0-rc1"]),
  "a version with build metadata": builder("docker-container", ["v0.13.0+fork"]),
  "a builder that does not run": builder("docker-container", [undefined]),
  "an unknown version": builder("docker-container", ["v0.0.0+unknown"]),
} as const;

/** Name of one of `printedBuilders`. */
export type PrintedBuilderName = keyof typeof printedBuilders;

function builder(driver: string, versions: readonly (string | undefined)[]): string {
  const nodes = versions.map((version, index) =>
    [
      `Name:                  node${index}`,
      `Endpoint:              unix:///var/run/docker.sock`,
      `Status:                ${version === undefined ? "inactive" : "running"}`,
      ...(version === undefined ? [] : [`BuildKit version:      ${version}`, `Platforms:             linux/amd64`]),
      "",
    ].join("\n"),
  );
  return `Name:          builder\nDriver:        ${driver}\nLast Activity: 2026-01-01 00:00:00 +0000 UTC\n\nNodes:\n${nodes.join("\n")}`;
}
