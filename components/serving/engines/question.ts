import type { Question, ServedModel } from "./engine";

/** What a model is asked first, over the API that all engines have: two tokens, or one vector. */
export function firstQuestion({ shape, servedName: model }: ServedModel): Question {
  return shape.task === "embed"
    ? { path: "/v1/embeddings", body: { model, input: "1" }, answer: "data" }
    : {
        ...{ path: "/v1/completions", answer: "choices" },
        body: { model, prompt: "1 + 1 =", max_tokens: 2, temperature: 0 },
      };
}

/** Posts a question, prints what came back where it is no answer. Arguments: address, body, field of the answer or nothing, seconds, variable of the key. */
const ask = `import json, os, sys, urllib.error, urllib.request
url, body, field, seconds, variable = sys.argv[1:]
headers = {"Content-Type": "application/json"}
key = os.environ.get(variable)
if key:
    headers["Authorization"] = "Bearer " + key
try:
    request = urllib.request.Request(url, body.encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=float(seconds)) as reply:
        said = reply.read().decode()
    found = json.loads(said)
    if not (found.get(field) if field else found):
        sys.exit("no " + field + " in the answer to " + body + ": " + said)
except urllib.error.HTTPError as error:
    sys.exit("status " + str(error.code) + " to " + body + ": " + error.read().decode())
except (OSError, ValueError) as error:
    sys.exit("no answer: " + str(error))
`;

/** A command that puts a question to a server of the same pod, for images that have Python. */
export function askByPython(
  { path, body, answer = "" }: Question,
  { port, seconds, variable }: { port: number; seconds: number; variable: string },
): string[] {
  const url = `http://127.0.0.1:${port}${path}`;
  return ["python3", "-c", ask, url, JSON.stringify(body), answer, `${seconds}`, variable];
}

/**
 * A command that puts a question to a server of the same pod, for images that have curl. A status below 400 counts as the answer.
 * `env -S` fills the key in, because Kubernetes replaces no variables in probes.
 */
export function askByCurl(
  { path, body }: Question,
  { port, seconds, variable }: { port: number; seconds: number; variable: string | undefined },
): string[] {
  const key =
    variable === undefined
      ? ["curl"]
      : ["env", "-S", `curl --header "Authorization: Bearer \${${variable}}"`];
  return [
    ...key,
    ...["--silent", "--show-error", "--fail-with-body", "--noproxy", "*"],
    ...["--max-time", `${seconds}`],
    ...["--header", "Content-Type: application/json", "--data", JSON.stringify(body)],
    `http://127.0.0.1:${port}${path}`,
  ];
}
