declare const brand: unique symbol;

/** `os/architecture[/variant]`, normalised as containerd does: `linux/amd64`, `linux/arm64`, `linux/arm/v7`. */
export type Platform = string & { readonly [brand]: "Platform" };

/** OCI image-spec, image-index.md, `platform`. */
export interface PlatformObject {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
  i386: ["386"],
};

/** Operating systems of Go that container images exist for; image-spec takes their names from Go. */
const systems: ReadonlySet<string> = new Set(["darwin", "freebsd", "linux", "wasip1", "windows"]);
const architectures: ReadonlySet<string> = new Set(
  "386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm".split(" "),
);

/** Undefined when the text names no platform. `linux/arm64/v8` is `linux/arm64`, `linux/arm` is `linux/arm/v7`. */
export function parsePlatform(text: string): Platform | undefined {
  const parts = text.split("/");
  const [os, given, givenVariant] = parts;
  if (os === undefined || given === undefined || parts.length > 3) return undefined;
  if (!parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part))) return undefined;
  const [architecture, aliasVariant] = aliases[given.toLowerCase()] ?? [given.toLowerCase()];
  if (!systems.has(os.toLowerCase()) || !architectures.has(architecture)) return undefined;
  return makePlatform({ os: os.toLowerCase(), architecture, variant: givenVariant?.toLowerCase() ?? aliasVariant });
}

/** Makes a platform from a descriptor's `platform`, or from an image's configuration. */
export function makePlatform(fields: { os: string; architecture: string; variant?: string | undefined }): Platform {
  const { os, architecture } = fields;
  let variant = fields.variant === "" ? undefined : fields.variant;
  if (architecture === "arm64" && variant === "v8") variant = undefined;
  if (architecture === "amd64" && variant === "v1") variant = undefined;
  if (architecture === "arm" && variant === undefined) variant = "v7";
  return `${os}/${architecture}${variant === undefined ? "" : `/${variant}`}` as Platform;
}

export function platformObject(platform: Platform): PlatformObject {
  const [os = "", architecture = "", variant] = platform.split("/");
  return { architecture, os, ...(variant === undefined ? {} : { variant }) };
}

/** For tags and file names: `linux-arm-v7`. */
export function platformSlug(platform: Platform): string {
  return platform.replaceAll("/", "-");
}
