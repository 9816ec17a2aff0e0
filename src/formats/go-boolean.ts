/** Reads a boolean as Go's `strconv.ParseBool` does; undefined: it is none. buildx reads its flags and the fields of `--output` in this way. */
export function readGoBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
