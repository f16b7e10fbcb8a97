import assert from "node:assert/strict";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { checkout } from "../../../local/folder";
import { refuseMissingImages } from "../../../stacks/before/images";
import { localImages } from "../../../stacks/image/built";
import { inFolder } from "../stack-files";
import { readStackFile } from "../../../stacks/config";

const kubeconfig = join(checkout, "test", "fixtures", "kubeconfig.yaml");
const mocks = {
  newResource: ({ name }: { name: string }) => ({ id: name, state: {} }),
  call: () => ({}),
};

describe("an image for this machine's cluster", () => {
  /** Why a preview of a stack with a service `hello` is refused, and how often the cluster was asked; `on` says what its nodes have. */
  async function previewed(
    on: (tag: string) => string[] | undefined,
    { stack = "dev", registry = "local", preview = true } = {},
  ) {
    const files = {
      [`Pulumi.${stack}.yaml`]: `
        config:
          cluster: { kind: existing, kubeconfig: "${kubeconfig}", registry: ${registry} }
          services: { hello: { build: ./hello }, other: { image: "other:v1" } }`,
      "hello/Dockerfile": "FROM scratch",
    };
    let asked = 0;
    await pulumi.runtime.setMocks(mocks, "gpu-serving", stack, preview);
    const told = inFolder(files, (folder) => {
      const read = readStackFile(join(folder, `Pulumi.${stack}.yaml`));
      const [{ tag = "" } = {}] = localImages(read, folder);
      const names = on(tag);
      const images = () => Promise.resolve((asked++, names && new Set(names)));
      const refusal = refuseMissingImages(read, images, folder).then(
        () => "",
        (error: Error) => error.message,
      );
      return { refusal, tag };
    });
    await pulumi.runtime.setMocks(mocks, "gpu-serving", stack, false);
    return { tag: told.tag, said: await told.refusal, asked };
  }

  it("is missing in a preview where no node has it, with the command that builds it", async () => {
    const { said, tag } = await previewed(() => ["gpu-serving.local/hello:old"]);
    assert.equal(
      said,
      [
        "services.hello.build: nobody has built the image for the nodes of this cluster, and no registry has it; nothing was created or changed.",
        `    found:   ${tag}`,
        "    allowed: an image that a node has",
        "    do:      run npm start, which builds it and loads it",
      ].join("\n"),
    );
    const other = await previewed(() => [], { stack: "prod" });
    assert.match(
      other.said,
      /do: +if the cluster is the local one, run npm start -- prod, which builds it and loads it; else build an image/,
    );
  });

  it("is there where a node has it, and not missed where nobody can tell", async () => {
    assert.equal((await previewed((tag) => ["a:1", tag])).said, "");
    assert.equal((await previewed(() => undefined)).said, "");
  });

  it("is not asked for in an up, nor where it is pushed to a registry", async () => {
    for (const other of [{ preview: false }, { registry: "registry.example/team" }]) {
      assert.deepEqual((({ said, asked }) => [said, asked])(await previewed(() => [], other)), [
        "",
        0,
      ]);
    }
  });
});
