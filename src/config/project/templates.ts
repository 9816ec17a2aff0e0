import { isTag, parseImageName } from "../../model/reference.ts";

const known = ["version", "major", "minor", "patch", "branch", "sha", "service", "group"] as const;
const foreign = { version: ["branch"], branch: ["version", "major", "minor", "patch"] } as const;

/** Explains what is wrong with a tag's template; undefined: nothing. */
export function templateFault(template: string, kind: "version" | "branch"): string | undefined {
  const quoted = JSON.stringify(template);
  for (const [whole, name = ""] of template.matchAll(/\{([^{}]*)\}/g)) {
    if (!known.some((placeholder) => placeholder === name)) {
      return `${quoted} uses ${whole}; known are ${known.map((placeholder) => `{${placeholder}}`).join(" ")}`;
    }
    if (foreign[kind].some((placeholder: string) => placeholder === name)) {
      return `${quoted} uses ${whole}, which a release of a ${kind} does not have`;
    }
  }
  const filled = template.replaceAll(/\{[^{}]*\}/g, "1");
  return isTag(filled) ? undefined : `${quoted} makes no tag; letters, digits, ".", "_" and "-" may be used`;
}

/** Whether a template is an image name with `{service}` filled in. */
export function isImageTemplate(template: string): boolean {
  return parseImageName(template.replaceAll("{service}", "service")) !== undefined;
}

/** Explains why a text is not an image-name template. */
export function imageTemplateFault(template: string, instead: string): string {
  const quoted = JSON.stringify(template);
  const unknown = /\{(?!service\})[^{}]*\}/.exec(template)?.[0];
  return unknown === undefined
    ? `${quoted} is no image name; ${instead}`
    : `${quoted} uses ${unknown}; an image name may use {service}`;
}

/** Whether a group's git tag contains the version. */
export function isGroupTag(template: string): boolean {
  const parts = template.split("{version}");
  const filled = template.replaceAll("{version}", "1").replaceAll("{group}", "1");
  return (
    parts.length === 2 && /^[A-Za-z0-9._/@+-]+$/.test(filled) && !/^[-/.]|\.\.|\/\/|[/.]$|\.lock$|@\{/.test(filled)
  );
}

const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Parses `30d`, `12h`, `2w`, `90m` into seconds, and `never` into null; undefined for other text. */
export function parseDuration(text: string): number | null | undefined {
  if (text === "never") return null;
  const [, count, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (units[unit] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}
