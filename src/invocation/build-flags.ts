/**
 * Form of a flag of `docker buildx build`. `text` and `switch`: the last value is used. `list`: all values are used. `commas`: all are used, and each
 * is a comma-separated list.
 */
export type FlagForm = "text" | "switch" | "list" | "commas";

/** Flags of buildx 0.9 to 0.31, including those of older Docker versions that it still accepts. Source: buildx, commands/build.go. */
export const buildFlagForms = {
  "add-host": "commas",
  allow: "list",
  annotation: "list",
  attest: "list",
  "build-arg": "list",
  "build-context": "list",
  builder: "text",
  "cache-from": "list",
  "cache-to": "list",
  call: "text",
  "cgroup-parent": "text",
  check: "switch",
  compress: "switch",
  "cpu-period": "text",
  "cpu-quota": "text",
  "cpu-shares": "text",
  "cpuset-cpus": "text",
  "cpuset-mems": "text",
  debug: "switch",
  file: "text",
  "force-rm": "switch",
  iidfile: "text",
  isolation: "text",
  label: "list",
  load: "switch",
  memory: "text",
  "memory-swap": "text",
  "metadata-file": "text",
  network: "text",
  "no-cache": "switch",
  "no-cache-filter": "list",
  output: "list",
  platform: "list",
  policy: "list",
  print: "text",
  progress: "text",
  provenance: "text",
  pull: "switch",
  push: "switch",
  quiet: "switch",
  resource: "list",
  rm: "switch",
  sbom: "text",
  secret: "list",
  "security-opt": "commas",
  "shm-size": "text",
  squash: "switch",
  ssh: "list",
  tag: "list",
  target: "text",
  ulimit: "list",
} as const satisfies Readonly<Record<string, FlagForm>>;

export type BuildFlag = keyof typeof buildFlagForms;

/** Flags of one letter, with their long names. */
export const shortFlags: Readonly<Record<string, BuildFlag>> = {
  D: "debug",
  c: "cpu-shares",
  f: "file",
  m: "memory",
  o: "output",
  q: "quiet",
  t: "tag",
};

export function isBuildFlag(name: string): name is BuildFlag {
  return Object.hasOwn(buildFlagForms, name);
}
