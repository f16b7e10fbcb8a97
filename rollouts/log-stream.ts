import http from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import type { Api } from "./ask";

/** Which log. */
export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
  /** What was written before is left out. @default nothing */
  since?: Date;
}

/** Milliseconds until the log begins. */
const longestStart = 15_000;
/** Milliseconds of silence after which the other end is asked whether it is there, so that nothing between takes the connection for dead. */
const silence = 30_000;

/**
 * A container's log, which goes on as long as the container does. The client's own stream of logs neither reports that its connection
 * broke nor keeps it alive, and a job may print nothing for hours.
 */
export async function openLog(
  { config }: Pick<Api, "config">,
  { namespace, pod, container, since }: LogSource,
): Promise<Readable> {
  const { ApiException } = await import("@kubernetes/client-node");
  const server = config.getCurrentCluster()?.server ?? "";
  const path = `api/v1/namespaces/${namespace}/pods/${pod}/log`;
  const url = new URL(path, server.replace(/\/?$/, "/"));
  url.searchParams.set("container", container);
  url.searchParams.set("follow", "true");
  if (since) url.searchParams.set("sinceTime", since.toISOString());
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const { get } = url.protocol === "http:" ? http : https;
    const request = get(url, options, (answer) => {
      clearTimeout(timer);
      if (answer.statusCode === 200) return resolve(answer);
      answer.resume();
      reject(new ApiException(answer.statusCode ?? 0, "no log", undefined, {}));
    });
    const late = () => request.destroy(new Error("the API server did not answer in time"));
    const timer = setTimeout(late, longestStart);
    request.on("socket", (socket) => socket.setKeepAlive(true, silence));
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
