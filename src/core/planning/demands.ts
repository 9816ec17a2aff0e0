import type { FingerprintStore } from "../../images/published.ts";
import { type ImageDemands, noDemands } from "../../model/published-image.ts";
import type { Service } from "../../model/service.ts";

/** What a service's image must have to be reused, kept by early cutoff, or released. Nothing is demanded of previews. */
export function demandsOnImage(
  { sbom }: Pick<Service, "sbom">,
  { prefix }: Pick<FingerprintStore, "prefix"> = { prefix: "" },
): ImageDemands {
  return prefix === "" ? { sbom: sbom === "required" } : noDemands;
}
