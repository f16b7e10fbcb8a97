// The map of the house: every room, what it is for, and which other rooms it may import. `npm run check` holds the code to it.
// Data flows one way, from the stack file through derived values to components, so nothing imports what stands below it here.

/** A folder or file of ours as a pattern, what it is for, and the rooms that it may import besides itself. */
const rooms = {
  catalog: {
    path: "^catalog/",
    about:
      "Tables and plain functions: machines, prices, GPUs. Imports no package, Pulumi least of all.",
    imports: [],
  },
  process: {
    path: "^process/",
    about: "Running programs, files, progress, and errors that the user can put right.",
    imports: [],
  },
  problem: {
    path: "^components/[^/]+[.]ts$",
    about: "What is wrong with an argument: the one shape of it.",
    imports: [],
  },
  values: {
    path: "^values/",
    about: "How values are written in a file: quantities, times, names, and our words for them.",
    imports: ["problem", "catalog"],
  },
  cluster: {
    path: "^components/cluster/",
    about:
      "All that the rest knows of a cluster, whoever made it; an existing one, the device plugin.",
    imports: ["problem", "catalog"],
  },
  clouds: {
    path: "^components/clouds/",
    about: "Clusters that we make: each cloud with its schema, rules, quota query and component.",
    imports: ["cluster", "values", "problem", "catalog", "process"],
  },
  workload: {
    path: "^components/workload/",
    about:
      "What every pod has: names, security, volumes, sidecar containers, network. Knows no cloud.",
    imports: ["cluster", "problem", "catalog"],
  },
  images: {
    path: "^components/images/",
    about: "Images that are built from a folder.",
    imports: ["cluster", "problem"],
  },
  serving: {
    path: "^components/serving/",
    about: "The server of a model: its rollout, exposure, model updates, logs. Knows no job.",
    imports: ["workload", "cluster", "problem", "catalog"],
  },
  monitoring: {
    path: "^components/monitoring/",
    about:
      "Prometheus, Grafana and the exporters that they read; dashboards and alerts of the engines. Knows no stack file.",
    imports: ["serving", "workload", "cluster", "problem", "catalog"],
  },
  jobs: {
    path: "^components/jobs/",
    about: "Work that ends: once, on a schedule, on several workers. Knows no service.",
    imports: ["workload", "cluster", "problem", "catalog"],
  },
  stacks: {
    path: "^stacks/",
    about:
      "The stack file: its schema, its rules, what is derived from it, and the components it becomes.",
    imports: [
      ...["serving", "monitoring", "jobs", "images", "workload", "clouds", "cluster"],
      ...["values", "problem", "catalog"],
    ],
  },
  rollouts: {
    path: "^rollouts/",
    about: "Watches pods being replaced, and says why they do not start. Knows no stack file.",
    imports: ["serving", "workload", "cluster", "process"],
  },
  local: {
    path: "^local/(?!start[.]ts$)",
    about: "The Kubernetes, the tools and the images of this machine. Knows no stack file.",
    imports: ["serving", "monitoring", "cluster", "images", "process"],
  },
  program: {
    path: "^(?:program|library)[.]ts$",
    about:
      "What `pulumi up` does with a stack, and what other programs import. Loads no cloud's SDK.",
    imports: [
      ...["rollouts", "stacks", "serving", "monitoring", "jobs", "workload", "cluster", "problem"],
      "catalog",
    ],
  },
  commands: {
    path: "^(?:cli/|local/start[.]ts$|index[.]ts$)",
    about: "What a person or Pulumi runs; puts everything together.",
    imports: [
      ...["program", "local", "rollouts", "stacks", "serving", "jobs", "images", "workload"],
      ...["clouds", "cluster", "problem", "catalog", "process"],
    ],
  },
};

const ours =
  "^(?:catalog|cli|components|local|process|rollouts|stacks|values)/|^(?:index|program|library)[.]ts$";
const clouds = { gke: "gcp", eks: "aws", aks: "azure-native" };

/** One rule for each room: what of ours it may import. */
const layers = Object.entries(rooms).map(([name, { path, about, imports }]) => ({
  name: `${name}-imports`,
  comment: `${about} Of ours it may import: ${imports.join(", ") || "nothing"}.`,
  severity: "error",
  from: { path },
  to: {
    path: ours,
    pathNot: [path, ...imports.map((other) => rooms[other].path)],
  },
}));

/** One rule for each cloud: it stands alone, and its SDK is loaded with it alone. */
const apart = Object.entries(clouds).flatMap(([cloud, sdk]) => [
  {
    name: `${cloud}-apart`,
    comment: "A cloud knows no other cloud: what clouds share has no cloud's name in its path.",
    severity: "error",
    from: { path: `^components/clouds/${cloud}/` },
    to: { path: "^components/clouds/(?:gke|eks|aks)/", pathNot: `^components/clouds/${cloud}/` },
  },
  {
    name: `${cloud}-sdk`,
    comment: `@pulumi/${sdk} takes seconds to load: only ${cloud}'s own component does, and of the SDK only the files it needs.`,
    severity: "error",
    from: { path: ours, pathNot: `^components/clouds/${cloud}/` },
    to: { path: `^node_modules/@pulumi/${sdk}/` },
  },
]);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Files that import each other are one file, or lack a third one that both import.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...layers,
    ...apart,
    {
      name: "catalog-plain",
      comment: "The catalog is plain: only Node's own modules, so that any program can read it.",
      severity: "error",
      from: { path: rooms.catalog.path },
      to: { path: "^node_modules/" },
    },
    {
      name: "has-a-room",
      comment: "A file of the package belongs to a room of this map.",
      severity: "error",
      from: {},
      to: { path: ours, pathNot: Object.values(rooms).map(({ path }) => path) },
    },
    {
      name: "no-test-code",
      comment:
        "What is published imports neither tests nor benchmarks, nor packages of development.",
      severity: "error",
      from: { path: ours },
      to: { path: ["^(?:test|bench|docs)/", "^examples/"] },
    },
    {
      name: "no-development-package",
      comment:
        "Who installs this package has its dependencies, and the SDK of a cloud that is used, not its devDependencies.",
      severity: "error",
      from: { path: ours },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg"],
        dependencyTypesNot: ["type-only", "npm-peer"],
      },
    },
    {
      name: "resolves",
      comment: "What is imported is there.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types count: who needs another room's type knows that room.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "^node_modules/" },
    exclude: { path: "^(?:dist|[.]local)/" },
  },
};
