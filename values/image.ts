import { z } from "zod";
import { ruleOf, rules } from "./rule";
import { textOf } from "./text";

const host = /(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d))(?::\d+)?/;
const component = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/;

/** Text of an image: registry, repository, tag, digest; all but the repository may be left out. */
const imagePattern = new RegExp(
  `^(?:${host.source}/)?${component.source}(?:/${component.source})*` +
    `(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
);

/** Tag and digest of an image, which decide what is run; undefined if the text is not the name of an image. */
export function imageVersion(text: string): { tag?: string; digest?: string } | undefined {
  const match = imagePattern.exec(text);
  return match ? { tag: match[1], digest: match[2] } : undefined;
}

const parts = { registry: z.string().nullish(), repository: z.string() };
/** An image as values of Helm charts have it. */
const imageParts = z.object({ ...parts, tag: z.string().min(1) });
const imageDigest = z.object({ ...parts, digest: z.string().startsWith("sha256:") });

/** Text of an image; whether it must say a version depends on the stack. */
export const image = textOf(imagePattern, {
  allowed: "[registry/]repository:tag or [registry/]repository@sha256:digest",
  example: "registry.example/team/model:v1",
  explain: (found) => {
    const name = found.trim().replace(/^(?:https?|docker):\/\//, "");
    const lower = name.replace(/^[^:@]+/, (repository) => repository.toLowerCase());
    const meant = [name, lower].find((text) => imagePattern.test(text));
    return {
      problem: "not the name of an image",
      fix: meant
        ? `write "${meant}"`
        : "write the name as for `docker pull`; a repository has small letters only",
    };
  },
});

const { explain: explainText, ...imageRule } = ruleOf(image);
image.register(rules, {
  ...imageRule,
  explain: (found) => {
    const [parts, digest] = [imageParts.safeParse(found).data, imageDigest.safeParse(found).data];
    if (!parts && !digest) return explainText?.(found);
    const { registry, repository } = parts ?? digest ?? {};
    const version = digest ? `@${digest.digest}` : `:${parts?.tag}`;
    const text = `${registry ? `${registry}/` : ""}${repository}${version}`;
    return { problem: "in parts, as charts have it", fix: `write "${text}"` };
  },
});

const registryPattern = new RegExp(
  `^(?:${host.source}|${component.source})(?:/${component.source})*$`,
);

/** A registry, or a place in one, that images of `build` are pushed to. */
export const registry = textOf(registryPattern, {
  allowed: "host[:port][/path] in small letters, without a tag, or local",
  example: "registry.example/team",
  explain: (found) => {
    const plain = found.trim().replace(/^[a-z]+:\/\/|\/+$/g, "");
    return {
      problem: "not a registry",
      fix: registryPattern.test(plain)
        ? `write "${plain}"`
        : "write it like registry.example/team; images have the names of their folders there",
    };
  },
});
