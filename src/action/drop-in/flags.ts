/** Returns a flag with each of its values. */
export function flagEach(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}

/** Returns a flag with its value; nothing if the value is empty. */
export function flagGiven(flag: string, value: string): string[] {
  return value === "" ? [] : [flag, value];
}

/** Returns a flag without a value, if it is on. */
export function flagIf(flag: string, isOn: boolean): string[] {
  return isOn ? [flag] : [];
}
