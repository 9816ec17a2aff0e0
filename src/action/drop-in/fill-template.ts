/** Fills `{{defaultContext}}` into an input with Handlebars, as docker's actions do. Handlebars is loaded only for an input with braces. */
export async function fillTemplate(text: string, defaultContext: string): Promise<string> {
  if (!text.includes("{{")) return text;
  const { default: handlebars } = await import("handlebars");
  return handlebars.compile(text)({ defaultContext });
}
