/** A resource that exists in a stand-in cloud. */
export interface Thing {
  /** Type token, such as `gcp:container/cluster:Cluster`. */
  type: string;
  /** Name in the program that made it. */
  name: string;
  /** Id the cloud gave it. */
  id: string;
  /** What it was made with, secrets in the clear. */
  inputs: Values;
  /** What the cloud answered. */
  outputs: Values;
  /** Milliseconds since 1970 from when on it can be used. */
  readyAt: number;
  /** Its place in the order of creation. */
  serial: number;
}

/** Plain values by name. */
export type Values = Record<string, unknown>;

/** What a cloud knows of one type of resource. */
export interface Kind {
  /** Id of a new one: `{name}` is an input or a default of the cloud, `{hex}` makes it a number of its own. */
  id: string;
  /** Inputs that cannot be changed in place; one covers what is below it. @default [] */
  fixed?: string[];
  /** Inputs that hold the bare name of another thing, with the type that it is of. @default {} */
  names?: Record<string, string>;
  /** What the cloud adds to the inputs. */
  outputs?: (made: { id: string; inputs: Values; serial: number }, place: Place) => Values;
  /** Why the cloud takes no inputs like these; undefined where it does. @default it takes all */
  refuses?: (inputs: Values, world: World) => string | undefined;
  /** Whether it may be asked for where it is there already. @default false */
  shared?: boolean;
  /** Outputs that other things may refer to it by, besides its id. @default arn, selfLink */
  handles?: string[];
}

/** Something that a cloud does not say through references: what must be there before, and stay until after. */
export interface Need {
  /** Type of the thing in need. */
  type: string;
  /** Type of what it needs. */
  of: string;
  /** Whether this thing is in need of that one; decides with the inputs alone. */
  when: (thing: Values, needed: Thing, world: World) => boolean;
  /** Which of them is in need at all. @default all of the type */
  only?: (thing: Values) => boolean;
  /** What the cloud says. */
  why: string;
  /** Whether it is enough that one of those needed stays. @default true */
  anyOne?: boolean;
  /** Whether it is needed until the thing is gone, not just before it is made. @default true */
  untilGone?: boolean;
}

/** A request that a cloud does not grant, whatever else is there. */
export interface Refused {
  /** Types that it is about. @default every type */
  type?: string;
  /** Requests that it is about. @default create, update */
  on?: readonly ("create" | "update" | "delete")[];
  /** Whether this one is refused. */
  when: (request: Request, world: World) => boolean;
  /** What the cloud says. */
  why: string;
}

/** What a cloud is asked to do with a thing. */
export interface Request {
  id: string;
  /** The inputs that it is to have, or has. */
  inputs: Values;
  /** Those that it has, where it is to change. */
  before?: Values;
}

/** What exists, as the tables may ask. */
export interface World {
  /** What the account has not switched on, as the test has it. */
  switchedOff: () => string[];
  /** Everything that exists, in the order of creation. */
  everything: () => Thing[];
  /** All things of a type that are ready. */
  all: (type: string) => Thing[];
  /** The ready thing that is known by this id, arn, link or name. */
  known: (handle: unknown) => Thing | undefined;
}

/** Where a cloud's clusters lead. */
export interface Place {
  /** Address of the API server, with its scheme. */
  server: string;
  /** Its certificate authority in base64. */
  authority: string;
}

/** A cloud as a table. */
export interface CloudTable {
  /** Name of the package and of its plugin. */
  name: "gcp" | "aws" | "azure-native";
  /** Values for ids that the program may leave to the provider. */
  defaults: Values;
  /** Every type that the cloud knows. */
  kinds: Record<string, Kind>;
  /** Seconds that creations take: by type, and `other` for the rest. */
  seconds: Record<string, { seconds: number; source: string }>;
  /** What must outlive what. */
  needs: Need[];
  /** A text that looks like this must be the id, arn or link of something that exists. */
  reference: RegExp;
  /** What looks like a reference and is somebody else's. */
  foreign: RegExp;
  /** Inputs that forbid the deletion of a thing while they are true. */
  locks: string[];
  /** What it does not grant. @default [] */
  refuses?: readonly Refused[];
  /** Functions that programs invoke. */
  functions: Record<string, (args: Values, world: World, place: Place) => Values>;
}
