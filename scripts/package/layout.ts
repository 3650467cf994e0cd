/** Kinds of machine that are built for: npm's name of the processor, and Debian's. */
export const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof ARCHITECTURES;

/** What every step of the build is told. */
export interface Build {
  readonly version: string;
  readonly arch: Architecture;
  /** Time that everything in the packages carries. */
  readonly date: Date;
  /** The project. */
  readonly source: string;
  /** Where the packages are put. */
  readonly out: string;
  /** An empty folder for what is not yet packed. */
  readonly scratch: string;
}

/** Where the program lies once the .deb is installed, and where docs/operations.md puts the .tar.gz. */
export const DEB_HOME = '/usr/lib/raisingd';
export const TAR_HOME = '/opt/raisingd';
