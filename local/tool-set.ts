/** Commands that come together: one release, one choice of where they are taken from. */
export interface ToolSet {
  /** Name in messages and of the folder the commands are kept in. */
  name: string;
  /** Version that is downloaded or compiled. */
  version: string;
  /** Commands that must be there. */
  commands: string[];
  /** What a command on PATH must say to be taken, and the arguments that make it say so. @default none on PATH is taken */
  onPath?: { args: string[]; says: RegExp };
  /** Official download of a command. @default there is none */
  download?: (command: string, system: System) => Download;
  /** What to compile where nothing else is to be had. */
  module: GoModule;
  /** CPU seconds that this takes when the tools before it in a first start are compiled: what an estimate is made of. */
  compileSeconds: number;
}

/** Programs of one Go module. */
export interface GoModule {
  /** Folder of local/tools/. */
  folder: string;
  /** Package of each command; a package that is several commands is one program, which looks at the name it is called by. */
  packages: Record<string, string>;
  /** Scripts that are a command. @default none */
  scripts?: Record<string, string>;
  /** Values that are linked in, in Go's words. @default none */
  ldflags?: string;
  /** Go's build tags that leave out what nobody needs here. @default none */
  tags?: string[];
  /** Parts of another module that are left out, because compiling them takes long. @default none */
  without?: LeftOut;
}

/** Parts that are left out of a module: of a copy of its sources. */
export interface LeftOut {
  /** What they are, in one word. */
  what: string;
  /** Path of the module that has them. */
  module: string;
  /** Its files that go. */
  files: string[];
  /** Files that alone stay in a folder of it; folders in there stay. @default all but `files` */
  only?: Record<string, string[]>;
  /** What else changes: a file beside go.mod, as `git apply` takes it. */
  patch: string;
}

/** Operating system and processor, in Go's words: `linux`, `amd64`. */
export interface System {
  os: string;
  arch: string;
}

/** An official download; `member` is the command's path inside an archive. */
export interface Download {
  url: string;
  checksum: Checksum;
  member?: string;
}

/** Where a download's SHA-256 is published: a file that holds it, or the asset list of a GitHub release. */
export type Checksum = { file: string } | { release: string; asset: string };

/** A single command and the Go package that it is compiled from. */
export const goTool = (
  name: string,
  version: string,
  goPackage: string,
  compileSeconds: number,
  folder = name,
): ToolSet => ({
  ...{ name, version, commands: [name], compileSeconds },
  module: { folder, packages: { [name]: goPackage } },
});
