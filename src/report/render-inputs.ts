import { redactAddresses } from "../formats/address.ts";
import type { Inputs } from "../model/inputs.ts";
import { notCounted } from "../model/not-counted.ts";
import type { Style } from "./style.ts";
import { renderTable } from "./table.ts";

/** For `slipway inputs api`: every input that decides the image, one a line, in groups. */
export function renderInputs(inputs: Inputs, style: Style): string {
  const fingerprint = inputs.fingerprint ?? "not known: base images or services it needs were not looked up";
  return [
    `${style.bold(inputs.service)} ${inputs.platform}`,
    `fingerprint ${fingerprint}`,
    ...(inputs.volatile === null ? [] : [style.yellow(`always built: ${inputs.volatile.because}`)]),
    ...group(
      "files",
      inputs.files.map(({ path, mode, digest, context }) => [
        mode,
        shortObject(digest),
        context === undefined ? path : `${path} (context ${context})`,
      ]),
      style,
    ),
    ...group(
      "instructions",
      inputs.instructions.map((line) => [redactAddresses(line)]),
      style,
    ),
    ...group(
      "build args",
      Object.entries(inputs.args).map(([name, value]) => [`${name}=${value}`]),
      style,
    ),
    ...group(
      "bases",
      inputs.bases.map(({ reference, digest }) => [reference, digest ?? "not looked up"]),
      style,
    ),
    ...group(
      "contexts",
      inputs.contexts.map(({ name, kind, of, digest }) => [name, kind, of, digest ?? "not known yet"]),
      style,
    ),
    ...group(
      "settings",
      Object.entries(inputs.settings).map(([key, value]) => [key, value]),
      style,
    ),
    ...group(
      "not counted",
      (inputs.uncounted ?? []).map(({ what, name, from }) => [what, name, from, notCounted[what]]),
      style,
    ),
  ].join("\n");
}

function group(title: string, rows: readonly (readonly string[])[], style: Style): string[] {
  if (rows.length === 0) return [];
  return [`\n${style.bold(title)} ${style.dim(`(${rows.length})`)}`, renderTable(rows, style, { indent: 2 })];
}

/** git's object id, as git shortens it. */
function shortObject(digest: string): string {
  const [algorithm = "", hex = ""] = digest.split(":");
  const rest = /[^0-9a-f][^]*$/.exec(hex)?.[0] ?? "";
  return hex === "" ? digest : `${algorithm}:${hex.slice(0, 12)}${rest}`;
}
