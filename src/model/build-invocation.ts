import type { BuildSecret } from "./service.ts";

/**
 * One `docker buildx build` as its caller asked for it. Values are as written; paths are relative to the caller's folder. Of a flag that
 * buildx takes once, the last one counts; lists keep their order. Source: buildx, commands/build.go.
 */
export interface BuildInvocation {
  readonly context: InvocationContext;
  /** Undefined: `Dockerfile` in the context. `-`: standard input. */
  readonly dockerfile: string | undefined;
  /** Undefined: the last stage. */
  readonly target: string | undefined;
  /** None: the builder's own. */
  readonly platforms: readonly string[];
  /** Image names with their tags, `ghcr.io/acme/api:1.2`; a name without a tag means `latest`. */
  readonly tags: readonly string[];
  /** Values from the environment are filled in; an arg that has no value anywhere is absent. */
  readonly args: Readonly<Record<string, string>>;
  /** Named contexts: a folder, an address, `docker-image://…`, `oci-layout://…`, `target:…`. */
  readonly contexts: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  /** As `--ssh` takes them: `default`, `id=path`. */
  readonly ssh: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** By key, which names what it is written on: `title`, `index:title`, `manifest[linux/amd64]:title`. */
  readonly annotations: Readonly<Record<string, string>>;
  /** With those that `--push` and `--load` stand for. None: what the builder's driver does by itself. */
  readonly outputs: readonly InvocationOutput[];
  /** By type, `provenance` and `sbom` first of all; null: switched off. A type that is absent is left to buildx. */
  readonly attestations: Readonly<Record<string, Readonly<Record<string, string>> | null>>;
  readonly limits: InvocationLimits;
  /** Bases and frontends are looked up anew, whatever the builder has. */
  readonly pull: boolean;
  readonly noCache: boolean;
  /** Stages that are built anew. */
  readonly noCacheFilter: readonly string[];
  /** Request to the frontend: `build`, `check`, `outline`, `targets`. */
  readonly call: string;
  /** Undefined: the one that buildx has selected. */
  readonly builder: string | undefined;
  readonly reports: InvocationReports;
  /** Arguments and variables that Slipway does not understand; one of them is enough for a plain build. */
  readonly unknown: readonly UnknownArgument[];
}

/** Where a build takes its files from. */
export type InvocationContext =
  | { readonly kind: "folder"; readonly path: string }
  /** A git repository or an archive: `https://github.com/acme/shop.git#refs/heads/main:api`. */
  | { readonly kind: "address"; readonly url: string }
  /** An archive or a Dockerfile on standard input. */
  | { readonly kind: "stdin" };

/** One `--output`, with `registry` as the `image` that it stands for. */
export interface InvocationOutput {
  /** `image`, `docker`, `oci`, `local`, `tar`, `cacheonly`. */
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** A folder or file on this machine. */
  readonly destination: string | undefined;
}

/** Resources of instructions, as written on the command line. */
export interface InvocationLimits {
  readonly network: string | undefined;
  readonly extraHosts: readonly string[];
  readonly ulimits: readonly string[];
  readonly shmSize: string | undefined;
  readonly cgroupParent: string | undefined;
  /** `memory=2g`, `cpu-quota=50000`. */
  readonly resources: readonly string[];
  readonly allow: readonly string[];
}

/** Reports that the caller asks for, and their files. */
export interface InvocationReports {
  readonly metadataFile: string | undefined;
  readonly imageIdFile: string | undefined;
  /** Only the image's id is printed. */
  readonly quiet: boolean;
  /** `auto`, `plain`, `rawjson`, …. */
  readonly progress: string;
}

/** An argument or a variable that is not understood, as it was written, and why. */
export interface UnknownArgument {
  readonly written: string;
  readonly because: string;
}
