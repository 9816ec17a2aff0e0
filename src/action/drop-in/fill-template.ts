/** Fills `{{defaultContext}}` into an input, as docker's actions do: by Handlebars, which is loaded only where an input has braces. */
export async function fillTemplate(text: string, defaultContext: string): Promise<string> {
  if (!text.includes("{{")) return text;
  const { default: handlebars } = await import("handlebars");
  return handlebars.compile(text)({ defaultContext });
}
