import { type ImageName, parseImageName } from "../model/reference.ts";

/** An image name that a test writes; throws when it is none. */
export function imageName(text: string): ImageName {
  const name = parseImageName(text);
  if (name === undefined) throw new Error(`"${text}" is no image name`);
  return name;
}
