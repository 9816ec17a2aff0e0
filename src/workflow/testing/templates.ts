import { isTag } from "../../model/reference.ts";

/** Whether a template makes a tag that a registry takes. */
export function isImageTag(template: string): boolean {
  return isTag(template.replaceAll(/\{[a-z]+\}/g, "1"));
}
