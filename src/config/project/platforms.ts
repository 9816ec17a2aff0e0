import { byCodeUnit } from "../../model/order.ts";
import { parsePlatform, type Platform } from "../../model/platform.ts";
import { addFault, type Faults, type PlacedValue } from "../written/place.ts";

/** Parses platforms: sorted, each once. Invalid ones become faults. */
export function readPlatforms(written: readonly PlacedValue<string>[], faults: Faults): Platform[] {
  const platforms = new Set<Platform>();
  for (const { value, at } of written) {
    const platform = parsePlatform(value);
    if (platform === undefined)
      addFault(faults, at, `${JSON.stringify(value)} is no platform; write one like "linux/amd64"`);
    else platforms.add(platform);
  }
  return [...platforms].sort(byCodeUnit);
}
