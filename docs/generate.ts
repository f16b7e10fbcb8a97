import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "prettier";
import { rulesPage } from "../components/clouds/rules/rules";
import { knownModelsPage } from "./known-models";
import { configurationPage, includedFileSchema, stackFileSchema } from "../stacks/reference";

/** The files of this folder that come out of the schema and the rules: their text, by path. */
export async function generated(): Promise<Record<string, string>> {
  const json = (schema: object) =>
    format(JSON.stringify(schema), { parser: "json", printWidth: 100 });
  const page = (text: string) => format(text, { parser: "markdown", printWidth: 100 });
  return {
    "configuration.md": await page(configurationPage()),
    "rules.md": await page(rulesPage()),
    "known-models.md": await page(knownModelsPage()),
    "schema/stack-file.json": await json(stackFileSchema()),
    "schema/included-file.json": await json(includedFileSchema()),
  };
}

async function write() {
  for (const [path, text] of Object.entries(await generated())) {
    mkdirSync(dirname(join(__dirname, path)), { recursive: true });
    writeFileSync(join(__dirname, path), text);
    console.log(`docs/${path}`);
  }
}

if (require.main === module) void write();
