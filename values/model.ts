import { textOf } from "./text";

/** Form of a name on the Hugging Face hub: owner and repository, each of at most 96 letters, digits, `-`, `_` and `.`. */
const repositoryPattern = /^[A-Za-z0-9](?:[\w.-]{0,94}[\w])?\/[A-Za-z0-9](?:[\w.-]{0,94}[\w])?$/;

/** Name of a model: its repository on the Hugging Face hub. */
export const modelName = textOf(repositoryPattern, {
  allowed: "the name of a repository on the Hugging Face hub: owner/repository",
  example: "Qwen/Qwen3-8B-AWQ",
  explain: (found) => {
    const plain = found
      .trim()
      .replace(/^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\//, "")
      .replace(/^hf:\/\//, "")
      .split("/")
      .slice(0, 2)
      .join("/");
    if (repositoryPattern.test(plain)) {
      return { problem: "not the name of a repository", fix: `write ${plain}` };
    }
    return {
      problem: "not the name of a repository",
      fix: found.includes("/")
        ? "write it as the hub does, for example Qwen/Qwen3-8B-AWQ"
        : "write its owner before it, for example Qwen/Qwen3-8B-AWQ",
    };
  },
});
