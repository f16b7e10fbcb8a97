import assert from "node:assert/strict";
import { join } from "node:path";
import { readStackFile } from "../../../stacks/config";
import { localImages } from "../../../stacks/image/built";
import { inFolder } from "../stack-files";

/** Tags of the images that a stack builds from these folders, by folder. */
function tagsOf(...contexts: string[]): Map<string, string> {
  const services = contexts.map((build, at) => `s${at}: { build: ${JSON.stringify(build)} }`);
  const files = Object.fromEntries(
    contexts.map((one) => [join(one, "Dockerfile"), "FROM scratch"]),
  );
  const stackFile = `config: { cluster: { kind: existing, registry: local }, services: { ${services.join(", ")} } }`;
  return inFolder({ "Pulumi.prod.yaml": stackFile, ...files }, (folder) => {
    const images = localImages(readStackFile(join(folder, "Pulumi.prod.yaml")), folder);
    return new Map(images.map(({ context, tag }) => [context.slice(folder.length + 1), tag]));
  });
}

describe("the image that an entry builds", () => {
  it("is named like its folder", () => {
    assert.match(tagsOf("./examples/digits").get("./examples/digits") ?? "", /\/examples-digits:/);
  });

  it("is one for a folder, however its path is written", () => {
    assert.equal(tagsOf("chat", "./chat", "chat/", ".//chat").size, 1);
  });

  it("is one for the same arguments, however their map is written", () => {
    const [one, other] = [`{ A: "1", B: "2" }`, `{ B: "2", A: "1" }`].map((args) => {
      const build = `{ context: chat, args: ${args} }`;
      const files = {
        "Pulumi.prod.yaml": `config: { cluster: { kind: existing, registry: local }, services: { chat: { build: ${build} } } }`,
        "chat/Dockerfile": "FROM scratch",
      };
      return inFolder(files, (folder) => {
        const images = localImages(readStackFile(join(folder, "Pulumi.prod.yaml")), folder);
        return images.map(({ tag }) => tag);
      });
    });
    assert.match(one?.[0] ?? "", /\/chat-[0-9a-f]{6}:[0-9a-f]{16}$/);
    assert.deepEqual(one, other);
  });

  it("is another one for each folder, also where the names look alike", () => {
    const folders = ["a/b", "a-b", "a_b", "A/b", "模型", "数据"];
    const tags = tagsOf(...folders);
    assert.deepEqual([...tags.keys()], folders);
    assert.equal(new Set([...tags.values()].map((tag) => tag.split(":")[0])).size, folders.length);
  });
});
