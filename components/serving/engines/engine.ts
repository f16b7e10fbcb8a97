import type { Fit } from "../../../catalog/fit-result";
import type { GpuName } from "../../../catalog/gpus";
import type { ModelShape, ModelTask } from "../../../catalog/model";
import type { Problem } from "../../problem";
import type { OwnArguments, Reading } from "./passed-arguments";

/** Where an engine finds weights. */
export type Weights =
  /** It downloads them from the hub into its cache. */
  | { kind: "hub"; revision?: string }
  /** A folder or a file of the pod: of a volume, of a mounted bucket or of the image. */
  | { kind: "folder"; path: string }
  /** It streams them from a bucket, `s3://...`, `gs://...` or `az://...`, into memory. */
  | { kind: "bucket"; url: string };

/** A model, how it fits, and what its entry says of how it is served. */
export interface ServedModel {
  /** The model. */
  shape: ModelShape;
  /** Name that requests ask for it by. */
  servedName: string;
  /** How one replica of it runs. */
  fit: Fit;
  /** GPUs that it runs on. @default CPUs */
  gpu?: GpuName;
  /** Tokens of a sequence that the entry asks for. @default as many as fit */
  contextTokens?: number;
  /** Sequences at once that the entry asks for. @default as many as the fit has */
  concurrency?: number;
  /** CPUs that one pod may use. @default the engine takes all of the machine */
  cpus?: number;
  /** Where its weights come from. */
  weights: Weights;
  /** LoRA adapters by the name that requests ask for them by: repositories of the hub, or folders and files of the pod. @default {} */
  adapters?: Readonly<Record<string, string>>;
  /** Arguments that are passed through. @default [] */
  engineArgs?: readonly string[];
  /** Whether requests must bring a key; it is then in the variable `apiKey.variable` of the engine. @default false */
  protected?: boolean;
  /** Whether a token of the hub is in the variable `HF_TOKEN`. @default false */
  token?: boolean;
  /** Seconds that requests in flight get when a replica stops. */
  drain: number;
}

/** A request that only a model that works can answer. */
export interface Question {
  /** Path that it is posted to. */
  path: string;
  /** What is posted, as JSON. */
  body: Readonly<Record<string, unknown>>;
  /** Field of the answer that must be a list with something in it. @default the answer is a list itself */
  answer?: string;
}

/** What can be read from an engine's metrics. */
export type Signal = "queue" | "running" | "cache" | "latency" | "firstToken" | "tokens";

/** One figure of an engine in Prometheus. */
export interface Query {
  /** Name of the metric that it is calculated from. */
  metric: string;
  /** The figure in PromQL, over the pods that a selector names, such as `namespace="chat",app="chat"`. */
  promql: (selector: string) => string;
}

/** Arguments that say how much room an engine keeps for adapters. */
interface RoomArguments {
  /** How many it keeps room for. */
  slots: string;
  /** The largest rank. */
  rank: string;
  /** Ranks that it takes. @default every whole number */
  ranks?: readonly number[];
}

/** A server of models: what it needs to run one, and how it behaves. Plain values and functions alone. */
export interface Engine {
  /** What models are for that it serves. */
  tasks: readonly ModelTask[];
  /** Container image, pinned, where the entry says none. */
  image: (of: ServedModel) => string;
  /** GiB of that image as a registry keeps it, rather too many (docs/facts.md 9.1, 17.1). */
  imageGiB: (of: ServedModel) => number;
  /** Program to run. @default the image's entrypoint */
  command?: readonly string[];
  /** Port that it listens on. */
  port: number;
  /** Arguments of the program, those of the entry last. */
  args: (of: ServedModel) => string[];
  /** Arguments of the pods of a replica besides its first, where it is made of more than one. @default it runs in one pod */
  memberArgs?: (of: ServedModel) => string[];
  /** Program of those pods, where the image starts it. @default `command` */
  memberCommand?: readonly string[];
  /** Environment variables, none of them secret. */
  env: (of: ServedModel) => Record<string, string>;
  /** Whether its image has what streams weights from the buckets of all clouds. @default false: they are mounted */
  streams?: boolean;
  /** Number of the user that it can run as; its image says root. */
  user: number;
  /** Folders that it writes to, each a volume where the root of the container is read-only. */
  folders: {
    /** Weights from the hub and adapters: kept between starts, they are downloaded once. */
    weights: string;
    /** What it compiles when it starts; kept between starts, it starts faster. @default it compiles nothing */
    compiled?: string;
    /** Its home and whatever else it writes. */
    scratch: string;
  };
  /** Adapters that it keeps room for where an entry has so many. @default as many */
  adapterSlots?: (adapters: number) => number;
  /** Arguments that say how much room it keeps for them. @default it takes no adapters */
  room?: RoomArguments;
  /** The most sequences that it takes at once. @default no bound */
  mostAtOnce?: number;
  /** Path that answers 200 to everybody when the server can take requests. */
  health: string;
  /** Request that the startup probe makes. */
  question: (of: ServedModel) => Question;
  /** The same as a command in its container, which ends with 0 when the model answered within so many seconds. */
  firstAnswer: (of: ServedModel, seconds: number) => string[];
  /** What it tells Prometheus. */
  metrics: {
    /** Path on the server's own port. */
    path: string;
    /** Whether Prometheus has to bring the key where the server asks for one. */
    needsKey: boolean;
    /** Figures by what they say; those that it does not tell are left out. */
    figures: Readonly<Partial<Record<Signal, Query>>>;
  };
  /** What it does when it is told to stop. */
  stop: {
    /** Whether it finishes the requests that it has, or drops them. */
    requests: "finished" | "dropped";
    /** Command that waits in its container until it has no requests, after `before` seconds and for `most` at most. @default it finishes them */
    wait?: (times: { before: number; most: number }) => string[];
    /** Seconds that it takes besides those of its requests. */
    seconds: number;
  };
  /** How it asks for a key. */
  apiKey: {
    /** Variable that holds the key. */
    variable: string;
    /** Paths that are answered with the key alone, by how they begin; all others are open to everybody. @default all but `open` */
    guarded?: readonly string[];
    /** Paths that are answered without it although a model works for them or tells of itself there. */
    open: readonly string[];
  };
  /** Seconds from weights in memory to the first answer, by whether what it compiled was kept. */
  warmUp: (of: ServedModel) => { first: number; again: number };
  /** Arguments that follow from the entry, which it must not pass besides. */
  own: OwnArguments;
  /** Arguments that load a second model, for speculative decoding. @default none */
  drafts?: readonly string[];
  /** The key of the entry, as in `own` or `engineArgs`, that a variable decides which it is not given. @default none */
  ownVariable: (name: string) => string | undefined;
  /** How it reads the names of its arguments. */
  reading: Reading;
  /** What is wrong with the model, its fit and its entry for this engine, its arguments apart. */
  problems: (of: ServedModel) => Problem[];
}
