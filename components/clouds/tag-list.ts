/** Tags in the form that the clouds' controllers and disk drivers take, each a `key=value`. */
export function tagList(tags: Readonly<Record<string, string>>): string[] {
  return Object.entries(tags).map(([key, value]) => `${key}=${value}`);
}
