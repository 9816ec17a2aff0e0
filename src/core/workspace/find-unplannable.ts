import { isInFiles } from "../../errors.ts";
import { readInputs } from "../../inputs/inputs.ts";
import type { UnplannableService } from "../../model/documents.ts";
import type { Service } from "../../model/service.ts";
import type { GitTree } from "../../source/tree/tree.ts";

/** Finds services whose inputs cannot be read from the existing files, with a hint for each. Sends no request to a registry. */
export async function findUnplannable(services: readonly Service[], tree: GitTree): Promise<UnplannableService[]> {
  const found = await Promise.all(services.map((service) => explainUnplannable(service, tree)));
  return found.flatMap((each) => each ?? []);
}

async function explainUnplannable(service: Service, tree: GitTree): Promise<UnplannableService | undefined> {
  const [platform] = service.platforms;
  try {
    await readInputs({ service, platform, tree, lookups: "offline" });
    return undefined;
  } catch (error) {
    if (!isInFiles(error)) throw error;
    return { service: service.name, because: error.message.replaceAll("\n", "; "), hint: error.hint ?? null };
  }
}
