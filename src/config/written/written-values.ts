import * as z from "zod";
import { isIgnorePattern } from "../../dockerfile/matching/ignore.ts";
import { parseVersion } from "../../formats/semver.ts";
import { parsePlatform } from "../../model/platform.ts";
import { imageTemplateFault, isImageTemplate, parseDuration, templateFault } from "../project/templates.ts";

export const text = z.string({ error: "must be text" });
export const oneOrMore = (what: string) =>
  z.union([text.min(1, "must not be empty"), z.array(text.min(1, "must not be empty"))], {
    error: `must be ${what} or a list of them`,
  });
const ignorePattern = text.refine(isIgnorePattern, {
  error: ({ input }) => `${JSON.stringify(input)} is no pattern of an ignore file`,
});
export const ignored = z.union([ignorePattern, z.array(ignorePattern)], {
  error: "must be a path or a list of them",
});
const scalar = z.union([z.string(), z.number(), z.boolean()], { error: "must be text, a number, true or false" });
export const stringMap = z.record(z.string(), scalar, { error: "must be a map of names to text" });

const imageTemplate = text.refine(isImageTemplate, {
  error: ({ input }) =>
    imageTemplateFault(String(input), 'write one like "ghcr.io/owner/repo/{service}", without a tag'),
});
export const images = z.union([imageTemplate, z.array(imageTemplate).min(1, "must name at least one image")], {
  error: "must be an image name or a list of them",
});

const tagTemplate = (kind: "version" | "branch") =>
  text.refine((template) => templateFault(template, kind) === undefined, {
    error: ({ input }) => templateFault(String(input), kind) ?? "",
  });
export const tags = z.strictObject(
  {
    version: z
      .array(tagTemplate("version"), { error: "must be a list of tags" })
      .optional()
      .meta({ description: "Tags of a release with a version." }),
    branch: z
      .array(tagTemplate("branch"), { error: "must be a list of tags" })
      .optional()
      .meta({ description: "Tags of a release of a branch." }),
  },
  { error: "must be a map with the keys version and branch" },
);

const platform = text.refine((value) => parsePlatform(value) !== undefined, {
  error: ({ input }) => `${JSON.stringify(input)} is no platform; write one like "linux/amd64"`,
});
export const platforms = z.union([platform, z.array(platform).min(1, "must name at least one platform")], {
  error: "must be a platform or a list of them",
});

const argName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/);
const arg = z.union(
  [
    scalar,
    z.null(),
    z.strictObject({
      value: scalar.optional(),
      env: text.min(1, "must not be empty").optional(),
      stamp: z.boolean({ error: "must be true or false" }).optional(),
      allow: text.min(1, "must say why").optional(),
    }),
  ],
  { error: "must be a value, or a map with the keys value, env, stamp, allow" },
);
export const args = z.record(argName, arg, {
  error: (issue) => (issue.code === "invalid_key" ? "is no name of a build arg" : "must be a map of names to values"),
});

export const context = z.union(
  [
    text.min(1, "must not be empty"),
    z.strictObject({ service: text }),
    z.strictObject({ image: text }),
    z.strictObject({ folder: text }),
    z.strictObject({ git: text }),
  ],
  { error: "must be text, or a map with one of the keys service, image, folder, git" },
);

export const secret = z.union(
  [
    text.regex(/^(?:[a-z]+=[^,]*)(?:,[a-z]+=[^,]*)*$/, 'must look like "id=NAME,env=VARIABLE" or "id=NAME,src=FILE"'),
    z.strictObject({ id: text.min(1, "must not be empty"), file: text.min(1, "must not be empty") }),
    z.strictObject({ id: text.min(1, "must not be empty"), env: text.min(1, "must not be empty") }),
  ],
  { error: 'must be "id=NAME,env=VARIABLE", or a map with the keys id and file, or id and env' },
);

export const allow = z.strictObject(
  {
    files: oneOrMore("a file or folder").optional(),
    ssh: z.boolean({ error: "must be true or false" }).optional(),
    network: z.enum(["host"], { error: ({ input }) => `must be host, not ${JSON.stringify(input)}` }).optional(),
    env: oneOrMore("a variable").optional(),
    hosts: oneOrMore("a host").optional(),
  },
  { error: "must be a map with the keys files, ssh, network, env, hosts" },
);

export const duration = text.refine((value) => parseDuration(value) !== undefined, {
  error: ({ input }) => `${JSON.stringify(input)} is no duration; write "30d", "12h", "2w" or "never"`,
});
export const tier = z.enum(["gha", "registry", "latest", "inline"], {
  error: ({ input }) => `must be gha, registry, latest or inline, not ${JSON.stringify(input)}`,
});
export const pattern = text.refine(
  (value) => value !== "" && !value.startsWith("/") && !value.split("/").includes(".."),
  {
    error: ({ input }) => `${JSON.stringify(input)} must be a pattern of paths inside the repository`,
  },
);

const signMode = z.enum(["auto", "public", "github", "key", "off"], {
  error: ({ input }) => `must be auto, public, github, key or off, not ${JSON.stringify(input)}`,
});
const file = text.min(1, "must not be empty");
const address = text.refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), {
  error: ({ input }) => `${JSON.stringify(input)} is no address; write one like "https://tuf.example.com"`,
});
export const sign = z.union(
  [
    signMode,
    z.strictObject({
      with: signMode.optional(),
      key: file.optional(),
      instance: z
        .strictObject({ tuf: address, root: file }, { error: "must be a map with the keys tuf and root" })
        .optional(),
    }),
  ],
  { error: "must be auto, public, github, key or off, or a map with the keys with, key, instance" },
);
export const trust = z.strictObject(
  {
    workflows: oneOrMore("the path of a workflow").optional(),
    refs: oneOrMore("a branch, or a pattern of refs").optional(),
    issuer: address.optional(),
    repositoryId: z
      .union([text.regex(/^\d+$/, "must be a number"), z.number()], { error: "must be a number" })
      .optional(),
    keys: oneOrMore("a file").optional(),
    roots: oneOrMore("a file").optional(),
  },
  { error: "must be a map with the keys workflows, refs, issuer, repositoryId, keys, roots" },
);
export const versionText = text.refine((value) => parseVersion(value) !== undefined, {
  error: ({ input }) => `${JSON.stringify(input)} is no version; write one like "1.4.0"`,
});
export const reuse = z.enum(["signed", "any"], {
  error: ({ input }) => `must be signed or any, not ${JSON.stringify(input)}`,
});
