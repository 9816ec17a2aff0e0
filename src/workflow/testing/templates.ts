import { isTag } from "../../model/reference.ts";

/** Whether a template makes a valid image tag. */
export function isImageTag(template: string): boolean {
  return isTag(template.replaceAll(/\{[a-z]+\}/g, "1"));
}
