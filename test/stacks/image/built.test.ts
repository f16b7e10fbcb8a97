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

  it("is another one for each folder, also where the names look alike", () => {
    const folders = ["a/b", "a-b", "a_b", "A/b", "模型", "数据"];
    const tags = tagsOf(...folders);
    assert.deepEqual([...tags.keys()], folders);
    assert.equal(new Set([...tags.values()].map((tag) => tag.split(":")[0])).size, folders.length);
  });
});
