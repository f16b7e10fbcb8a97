import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
} from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  GetRequiredPluginsResponse,
  RunResponse,
  type RunRequest,
} from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { diesWithParent } from "../process/orphan";

/** Exit code of a program that has said itself what is wrong (Pulumi's Node.js SDK, cmd/run). */
const saidItself = 32;

type Answer<Message> = sendUnaryData<Message>;

/**
 * Pulumi's language host for Node.js programs that tsx loads, as far as `up`, `preview` and `destroy` need it. The newest one that
 * is a Go module with a tag stands between program and engine, and knows no resource hooks.
 */
function run(engine: string, request: RunRequest, answer: Answer<RunResponse>): void {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() ?? request.getPwd();
  const args = {
    ...{ monitor: request.getMonitorAddress(), engine, organization: request.getOrganization() },
    ...{ project: request.getProject(), stack: request.getStack(), pwd: request.getPwd() },
    ...{ "root-directory": info?.getRootDirectory() ?? folder, parallel: request.getParallel() },
  };
  const child = spawn(
    process.execPath,
    [
      ...["--import", require.resolve("tsx"), require.resolve("@pulumi/pulumi/cmd/run")],
      ...Object.entries(args).map(([name, value]) => `--${name}=${value}`),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      join(folder, info?.getEntryPoint() ?? "index.ts"),
    ],
    {
      cwd: request.getPwd(),
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
      // Standard output is for the engine's use alone.
      stdio: ["ignore", 2, 2],
    },
  );
  child.once("exit", (code, signal) => {
    const response = new RunResponse();
    if (code === saidItself) response.setBail(true);
    else if (code !== 0) response.setError(`the program ended with ${code ?? signal}`);
    answer(null, response);
  });
}

diesWithParent();
const engine = process.argv.at(-1) ?? "";
const server = new Server();
server.addService(
  { ...LanguageRuntimeService },
  {
    getPluginInfo: (_: unknown, answer: Answer<PluginInfo>) => {
      const info = new PluginInfo();
      info.setVersion("0.0.0");
      answer(null, info);
    },
    // The engine finds plugins when the first resource needs them.
    getRequiredPackages: (_: unknown, answer: Answer<never>) =>
      answer({ code: status.UNIMPLEMENTED, details: "not here" }),
    getRequiredPlugins: (_: unknown, answer: Answer<GetRequiredPluginsResponse>) =>
      answer(null, new GetRequiredPluginsResponse()),
    run: (call: ServerUnaryCall<RunRequest, RunResponse>, answer: Answer<RunResponse>) =>
      run(engine, call.request, answer),
  },
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(String(port));
});
