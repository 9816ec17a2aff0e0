import type { ReleasedService } from "./release.ts";

const byteUnits = ["kB", "MB", "GB", "TB"] as const;

/** Bytes for a person, decimal: `512 B`, `31.4 MB`, `512 MB`. */
export function renderBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes;
  let unit = "B";
  for (const next of byteUnits) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A change in bytes for a person: `+1.2 MB`, `−512 B`, `±0`. */
export function renderSignedBytes(change: number): string {
  return change === 0 ? "±0" : `${change > 0 ? "+" : "−"}${renderBytes(Math.abs(change))}`;
}

/** Seconds for a person: `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 02 min`. */
export function renderDuration(seconds: number): string {
  const positive = Math.max(0, seconds);
  if (positive < 59.95) return `${positive.toFixed(1)} s`;
  const whole = Math.round(positive);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(positive / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Time that has passed, in its largest unit: `now`, `5 min`, `3 h`, `12 days`. */
export function renderAge(seconds: number): string {
  if (seconds < 60) return "now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** `1 service`, `2 services`. */
export function renderCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** `2 built, 1 reused`: how many of these services have each origin, without the origins that none has. */
export function renderOrigins(services: readonly Pick<ReleasedService, "origin">[]): string {
  return (["built", "reused", "kept"] as const)
    .map((origin) => ({ origin, count: services.filter((service) => service.origin === origin).length }))
    .filter(({ count }) => count > 0)
    .map(({ origin, count }) => `${count} ${origin}`)
    .join(", ");
}
