import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { adoption, exportedState, notThere } from "../../../cli/adoption";
import { inFolder } from "../../../local/folder";
import { readIfThere, writeWhole } from "../../../process/files";
import { pulumi, pulumiEnv } from "../../../local/pulumi";
import { run, type RunOptions } from "../../../process/run";
import { nodeCounts } from "./autoscaler";
import { Cloud } from "./cloud";
import { readSteps, type UpdateResult } from "./engine-steps";
import { leadsTo, writeExecutables } from "./executables";
import type { Place, Thing } from "./kind";
import type { Control, Fault, Operation } from "./requests";
import { tables } from "./tables";
import { readThings, writeThing } from "./things";

const clouds = ["gcp", "aws", "azure-native"] as const;

/** A line of the log, with the cloud that wrote it. */
export type LoggedOperation = Operation & { cloud: (typeof clouds)[number] };

/** What a test may set for a sandbox. */
export interface SandboxArgs {
  /** Name of the folder, and of the stack. */
  name: string;
  /** Path of the Pulumi program. */
  program: string;
  /** Text of the kubeconfig of the cluster that the clouds' clusters lead to. @default they lead nowhere */
  kubeconfig?: string;
}

/** A folder with the three stand-in clouds, and a Pulumi program with a state of its own that knows no other cloud. */
export class Sandbox {
  readonly folder: string;
  /** The environment in which pulumi and kubectl find the stand-ins. */
  readonly env: NodeJS.ProcessEnv;
  private readonly name: string;

  constructor(args: SandboxArgs) {
    this.name = args.name;
    this.folder = inFolder("test", "clouds", args.name);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(join(this.folder, "state"), { recursive: true });
    const { place, token } = leadsTo(args.kubeconfig);
    const bin = writeExecutables(this.folder, clouds, token);
    this.leadTo(place);
    this.write("settings.json", "{}");
    this.write("index.ts", `export = require(${JSON.stringify(args.program)});\n`);
    this.write(
      "Pulumi.yaml",
      JSON.stringify({
        name: "stand-ins",
        main: "index.ts",
        runtime: { name: "nodejs", options: { typescript: false, nodeargs: "--import=tsx" } },
      }),
    );
    this.config({});
    const env = pulumiEnv();
    this.env = {
      ...env,
      PATH: [bin, env.PATH].join(":"),
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_DEBUG_COMMANDS: "true",
      // What has no authority in its kubeconfig is trusted by the machine's: here by the embedded cluster's own.
      ...(args.kubeconfig ? { SSL_CERT_FILE: join(this.folder, "authority.crt") } : {}),
      SANDBOX: this.folder,
    };
  }

  /** Makes the stack; once. */
  async init(): Promise<void> {
    await this.pulumi(["stack", "init", this.name]);
  }

  /** Writes the stack file; the salt that Pulumi has put there stays. */
  config(config: object): void {
    const file = `Pulumi.${this.name}.yaml`;
    const salt = /^encryptionsalt: .+$/m.exec(readIfThere(join(this.folder, file)) ?? "")?.[0];
    this.write(file, `${stringify({ config })}${salt ?? ""}\n`);
  }

  /** What the program reads from the environment's folder. */
  settings(settings: object): void {
    this.write("settings.json", JSON.stringify(settings, undefined, 2));
  }

  /** How the clouds behave from the next request on. */
  control(control: Control): void {
    this.write("control.json", JSON.stringify(control));
  }

  /** Runs pulumi in the sandbox. */
  async pulumi(
    args: string[],
    options: RunOptions = {},
  ): Promise<{ code: number; output: string }> {
    const { code, stdout, stderr } = await pulumi(args, {
      cwd: this.folder,
      ...options,
      env: { ...this.env, ...options.env },
    });
    return { code, output: stdout + stderr };
  }

  up = (...args: string[]) => this.run("up", args);
  destroy = (...args: string[]) => this.run("destroy", args);

  /** Runs an update to its end, whichever that is, with the engine's own record of each step. */
  private async run(command: "up" | "destroy", args: string[]): Promise<UpdateResult> {
    const events = join(this.folder, "events.json");
    rmSync(events, { force: true });
    const all = [command, "--yes", "--skip-preview", "--event-log", events, ...args];
    const { code, output } = await this.pulumi(all, { mayFail: true });
    return { code, output, steps: readSteps(events) };
  }

  /** Runs `up` and kills the engine (SIGKILL) once the cloud has begun what it is asked here, which the cloud then ends alone. */
  async killAt(moment: Pick<Fault, "operation" | "type" | "name">): Promise<void> {
    this.control({ faults: [{ ...moment, how: "hang" }] });
    const from = this.operations().length;
    const hangs = () => this.operations(from).some(({ operation }) => operation === "hangs");
    const engine = spawn("pulumi", ["--non-interactive", "up", "--yes", "--skip-preview"], {
      ...{ cwd: this.folder, env: this.env },
    });
    let said = "";
    engine.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const ended = new Promise((resolve) => engine.once("exit", resolve));
    while (!hangs()) {
      if (engine.exitCode !== null) throw new Error(`up ended before ${moment.type}:\n${said}`);
      await sleep(50);
    }
    await this.stateAtRest();
    engine.kill("SIGKILL");
    await ended;
    this.control({});
  }

  /** Returns once nothing is written any more: a state file that is cut short is another accident than a killed update. */
  private async stateAtRest(): Promise<void> {
    const folder = join(this.folder, "state", ".pulumi", "stacks", "stand-ins");
    const look = () =>
      readdirSync(folder)
        .map(
          (file) => `${file} ${statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs}`,
        )
        .join();
    for (let seen = "", since = Date.now(); Date.now() - since < 1000; await sleep(50)) {
      const now = look();
      if (now !== seen) [seen, since] = [now, Date.now()];
    }
  }

  /**
   * Makes ready for the next `up` after a killed one, as its user would: the lock goes, and what the engine had begun comes into its
   * state with the id that the cloud knows it by (`npm run adopt`); ids that nobody can tell are looked up in the cloud.
   */
  async adopt(): Promise<void> {
    await this.pulumi(["cancel", "--yes"], { mayFail: true });
    const { stdout } = await run("pulumi", ["stack", "export"], {
      ...{ cwd: this.folder, env: this.env },
    });
    const exported = exportedState.parse(JSON.parse(stdout));
    const things = clouds.flatMap((cloud) => this.things(cloud));
    const looked = adoption(exported, {}).unknown.map((name) => {
      const thing = things.find((it) => it.name === name);
      return [name, thing?.id ?? notThere] as const;
    });
    const { state, taken } = adoption(exported, Object.fromEntries(looked));
    await this.pulumi(["stack", "import"], { input: JSON.stringify(state) });
    const targets = taken.flatMap(({ urn }) => ["--target", urn]);
    if (targets.length > 0) await this.pulumi(["refresh", "--yes", "--skip-preview", ...targets]);
  }

  /** All that the clouds were asked since `from`. */
  operations(from = 0): LoggedOperation[] {
    const lines = readIfThere(join(this.folder, "operations.jsonl")) ?? "";
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LoggedOperation)
      .slice(from);
  }

  /** Commands that asked for a token, with their arguments. */
  tokenRequests(): string[] {
    return (readIfThere(join(this.folder, "tokens.log")) ?? "").split("\n").filter(Boolean);
  }

  /** What exists in a cloud, in the order of creation. */
  things(cloud: (typeof clouds)[number]): Thing[] {
    return readThings(join(this.folder, cloud));
  }

  /** Seconds that a cloud itself takes for what exists, and the types on its longest chain. */
  longestChain(cloud: (typeof clouds)[number]): { seconds: number; types: string[] } {
    return new Cloud(tables[cloud], this.folder, { server: "", authority: "" }).longestChain();
  }

  /** Does to the node counts what an autoscaler does. */
  scale(cloud: (typeof clouds)[number], nodes: number): void {
    for (const thing of this.things(cloud)) {
      const counts = nodeCounts[thing.type];
      if (!counts) continue;
      for (const values of [thing.inputs, thing.outputs]) counts(values, nodes);
      writeThing(join(this.folder, cloud), thing);
    }
  }

  /** Gives the clusters of the clouds the address and the authority of this kubeconfig, those that exist too. */
  move(kubeconfig: string): void {
    const before = JSON.parse(readFileSync(join(this.folder, "place.json"), "utf8")) as Place;
    const { place } = leadsTo(kubeconfig);
    this.leadTo(place);
    const host = ({ server }: Place) => server.replace("https://", "");
    for (const cloud of clouds) {
      for (const thing of this.things(cloud)) {
        const outputs = JSON.stringify(thing.outputs)
          .replaceAll(host(before), host(place))
          .replaceAll(before.authority, place.authority);
        writeThing(join(this.folder, cloud), {
          ...thing,
          outputs: JSON.parse(outputs) as Thing["outputs"],
        });
      }
    }
  }

  private leadTo(place: Place): void {
    this.write("place.json", JSON.stringify(place));
    this.write("authority.crt", Buffer.from(place.authority, "base64").toString());
  }

  private write(file: string, text: string): void {
    writeWhole(join(this.folder, file), text);
  }
}
