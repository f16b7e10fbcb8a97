import * as pulumi from "@pulumi/pulumi";
import { readStackFile } from "../../stacks/config";
import { buildEnvironment } from "../../stacks/environment";
import { deploy } from "./deploy";

/** Runs the program for a stack file against mocks, and prints the packages of clouds that it loaded. */
async function main([file = ""]: string[]) {
  // Azure's registry is asked for a token.
  globalThis.fetch = () => Promise.resolve(Response.json({ refresh_token: "a token" }));
  await deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(readStackFile(file));
  });
  const packages = Object.keys(require.cache).flatMap(
    (path) => /node_modules\/(@pulumi\/(?:gcp|aws|azure-native))\//.exec(path)?.[1] ?? [],
  );
  console.log(JSON.stringify([...new Set(packages)]));
}

void main(process.argv.slice(2));
