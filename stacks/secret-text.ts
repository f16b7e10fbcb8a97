/** How tokens of the Hugging Face Hub, and keys of APIs like OpenAI's, begin; names of config keys are shorter. */
const tokenForm = "(hf_|sk-)[\\w-]{12,}";
const token = new RegExp(`^${tokenForm}$`);

/** Tokens in a text; the group is how one begins. */
export const tokens = new RegExp(`\\b${tokenForm}`, "g");

/** Letters and digits in a row, as many as keys that programs make have at least: own choice. */
const longRun = /[A-Za-z0-9+/_-]{32,}/g;

/** Changes between capitals, small letters and digits for each letter of a random text; words in camel case have 1 in 5: own choice. */
const changing = 1 / 4;

/** What is said in place of a text that may be a secret. */
export const hiddenText = "a text (not shown, it may be a secret)";

/** Whether a text is a token or has a key in it that a program made. */
export function looksSecret(text: string): boolean {
  return token.test(text) || looksRandom(text);
}

/** Whether a text has a key in it that a program made: the name of a config key has the shape of words. */
export function looksRandom(text: string): boolean {
  return (text.match(longRun) ?? []).some(isRandom);
}

function isRandom(run: string): boolean {
  const letters = run.replace(/[^A-Za-z0-9]/g, "");
  if (!/[0-9]/.test(letters)) return false;
  if (letters.length >= 32 && /^(?:[0-9a-f]+|[0-9A-F]+)$/.test(letters)) return true;
  const kinds = [...letters].map(kindOf);
  // A capital with small letters behind it begins a word, which is no change.
  const changes = kinds.filter((kind, at) => {
    const before = kinds[at - 1] ?? kind;
    return kind !== before && !(before === "capital" && kind === "small");
  });
  return changes.length >= kinds.length * changing;
}

function kindOf(letter: string): "digit" | "capital" | "small" {
  if (/[0-9]/.test(letter)) return "digit";
  return /[A-Z]/.test(letter) ? "capital" : "small";
}
