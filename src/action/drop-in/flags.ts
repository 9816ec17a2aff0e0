/** A flag with each of its values. */
export function flagEach(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}

/** A flag with its value, where it has one. */
export function flagGiven(flag: string, value: string): string[] {
  return value === "" ? [] : [flag, value];
}

/** A flag that is there or not. */
export function flagIf(flag: string, isOn: boolean): string[] {
  return isOn ? [flag] : [];
}
