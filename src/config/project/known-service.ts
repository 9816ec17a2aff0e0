import { byCodeUnit } from "../../model/order.ts";
import { addFault, type Faults, type Place, suggestion } from "../written/place.ts";
import { parseServiceName } from "./names.ts";

/** Resolves a service's name; adds a fault with the nearest name if there is none. */
export function knownService(
  written: string,
  at: Place,
  names: ReadonlySet<string>,
  faults: Faults,
): string | undefined {
  const name = parseServiceName(written);
  if (name !== undefined && names.has(name)) return name;
  const near = suggestion(faults, written, () => names);
  const known = faults.length < mostLists && names.size > 0 ? `; services are ${firstOf(names)}` : "";
  addFault(faults, at, `there is no service "${written}"${near === "" ? known : near}`);
  return undefined;
}

/** Number of faults that list the services there are. */
const mostLists = 20;

function firstOf(names: ReadonlySet<string>): string {
  return [...names].sort(byCodeUnit).slice(0, 30).join(", ");
}
