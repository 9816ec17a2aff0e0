/** Returns those of the named inputs (`build-args`) that are set, from their fields (`buildArgs`). */
export function givenInputs(
  names: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const given = names.map((name) => {
    const field = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [name, values[field]] as const;
  });
  return Object.fromEntries(given.filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value))));
}
