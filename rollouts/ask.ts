import http from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import type {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  Middleware,
  SecurityAuthentication,
} from "@kubernetes/client-node";
import { z } from "zod";
import { current } from "../components/cluster/kubeconfig";
import { loggedIn, LoginFailure } from "./login";
import type { Patience } from "./reach";

/** Why a cluster gave no answer. */
export class NoAnswer extends Error {
  /** @param refused whether it will not give one later either: no such rights, no such login */
  constructor(
    message: string,
    readonly refused: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "NoAnswer";
  }
}

/** Milliseconds for one answer, and until a log begins. */
const longestAnswer = 15_000;
const tooLate = "the API server did not answer in time";

/** The parts of the API that are asked. */
export interface Api {
  apps: AppsV1Api;
  batch: BatchV1Api;
  core: CoreV1Api;
  custom: CustomObjectsApi;
  /** Address and login, for what the others cannot ask. */
  config: KubeConfig;
}

/** Somebody who is logged in. */
interface Session {
  api: Api;
  /** Until when the login is good. @default until it is refused */
  until?: number;
}

/** Asks a question, and gives the answer; undefined where there is no such thing. */
export type Ask = <T>(question: (api: Api) => Promise<T>) => Promise<T | undefined>;

/** Asks the cluster that a kubeconfig leads to; what it does not answer is a {@link NoAnswer}. */
export async function askerOf(
  kubeconfig: string,
  { answer = longestAnswer, login }: Patience = {},
): Promise<Ask> {
  // Loading it takes a second or two, which previews and tests need not wait for.
  const client = await import("@kubernetes/client-node");
  const cluster = current(kubeconfig);
  const server = cluster?.cluster.server;
  if (!cluster || typeof server !== "string") {
    throw new Error("the kubeconfig leads to no cluster");
  }
  const begin = async (): Promise<Session> => {
    const { entries, until } = await loggedIn(cluster, server, login);
    const config = new client.KubeConfig();
    // JSON is YAML.
    config.loadFromString(JSON.stringify(entries));
    const configuration = client.createConfiguration({
      baseServer: new client.ServerConfiguration(server.replace(/\/$/, ""), {}),
      authMethods: { default: within(config, answer) },
      promiseMiddleware: [endedAfter(answer)],
    });
    const api = {
      config,
      apps: new client.AppsV1Api(configuration),
      batch: new client.BatchV1Api(configuration),
      core: new client.CoreV1Api(configuration),
      custom: new client.CustomObjectsApi(configuration),
    };
    return { api, until };
  };
  let session: Promise<Session> | undefined;
  /** The session that there is; all that are refused at a time share one new login. */
  const other = (than?: Promise<Session>): Promise<Session> => {
    if (session !== undefined && session !== than) return session;
    const begun = begin();
    session = begun;
    begun.catch(() => {
      if (session === begun) session = undefined;
    });
    return begun;
  };
  const isOver = ({ until = Infinity }: Session) => until <= Date.now();
  const codeOf = (error: unknown) =>
    error instanceof client.ApiException ? error.code : undefined;
  return async (question) => {
    try {
      const had = other();
      const used = isOver(await had) ? other(had) : had;
      return await inTime(question((await used).api), answer).catch(async (error: unknown) => {
        if (codeOf(error) !== 401) throw error;
        // A token may have ended before the time that the login named.
        const { api } = await other(used);
        return inTime(question(api), answer);
      });
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw noAnswer(error, codeOf(error));
    }
  };
}

/** What the client itself does not end: its agents wait for ever for a proxy. */
function within(config: KubeConfig, patience: number): SecurityAuthentication {
  return {
    getName: () => config.getName(),
    async applySecurityAuthentication(context) {
      await config.applySecurityAuthentication(context);
      const agent = context.getAgent();
      const options: unknown = agent && Reflect.get(agent, "options");
      if (typeof options === "object" && options) Object.assign(options, { timeout: patience });
    },
  };
}

/** Ends requests that nobody waits for any longer: they would keep the process alive. */
function endedAfter(patience: number): Middleware {
  return {
    pre(context) {
      context.setSignal(AbortSignal.timeout(patience));
      return Promise.resolve(context);
    },
    post: (context) => Promise.resolve(context),
  };
}

/** The client itself waits for ever for an API server that went away in the middle of an answer. */
function inTime<T>(question: Promise<T>, patience: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(tooLate));
    const timer = setTimeout(late, patience).unref();
    question.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function noAnswer(error: unknown, code: number | undefined): NoAnswer {
  if (code === undefined) {
    const lasting = error instanceof LoginFailure && error.lasting;
    return new NoAnswer(sentence(error), lasting, { cause: error });
  }
  const why = reasonIn(error);
  const text = `the API server answers ${code}${why === undefined ? "" : `: ${why}`}`;
  return new NoAnswer(text, code === 401 || code === 403);
}

/** What went wrong, on one line. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}

/** A refusal, of whose body the client keeps the text. */
const refusal = z.object({ body: z.string().transform((text): unknown => JSON.parse(text)) });
const status = z.object({ message: z.string() });

/** What the API server says of a question that it does not answer. */
function reasonIn(error: unknown): string | undefined {
  try {
    return status.parse(refusal.parse(error).body).message;
  } catch {
    return undefined;
  }
}

/** Which log. */
export interface LogSource {
  namespace: string;
  pod: string;
  container: string;
  /** What was written before is left out. @default nothing */
  since?: Date;
}

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
    const late = () => request.destroy(new Error(tooLate));
    const timer = setTimeout(late, longestAnswer);
    request.on("socket", (socket) => socket.setKeepAlive(true, silence));
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
