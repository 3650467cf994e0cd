import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createProgram } from '../../src/commands/program.ts';
import { commandPages } from './command-pages.ts';
import { completions } from './completion.ts';
import { configManual } from './config-manual.ts';
import { DEB_HOME, type Build } from './layout.ts';
import { commandManual } from './manual.ts';
import { thirdPartyNotices } from './notices.ts';
import { billOfMaterials, type PinnedNode } from './sbom.ts';

/** Files by path below a prefix such as usr/share. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** Manual pages and completions, made from the command line and the schema of the configuration. */
export function shareFiles({ source, version, date }: Build): Files {
  const pages = commandPages(createProgram());
  const schema: unknown = JSON.parse(readFileSync(join(source, 'config/raisingd.schema.json'), 'utf8'));
  return {
    ...completions(pages),
    'man/man1/raisingd.1.gz': packed(commandManual(pages, { version, date })),
    'man/man5/raisingd.yaml.5.gz': packed(configManual(schema, { version, date })),
  };
}

/** What is written about the package: what is in it, and whose. */
export function documents(build: Build, home: string) {
  const node = pinnedNode(build, home);
  return {
    'sbom.cdx.json': billOfMaterials(build, node),
    'THIRD-PARTY-NOTICES': thirdPartyNotices(home, node.version),
  } satisfies Files;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A unit, for a program that lies in `home`. */
export function unitFor(source: string, name: string, home: string): string {
  const unit = readFileSync(join(source, `systemd/${name}.service`), 'utf8');
  return unit.replaceAll(DEB_HOME, home);
}

/** Moves what people read out of the program's folder. */
export function takeDocuments(home: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['docs', 'README.md', 'CHANGELOG.md', 'LICENSE'])
    renameSync(join(home, name), join(folder, name));
  cpSync(join(home, 'config/raisingd.example.yaml'), join(folder, 'raisingd.example.yaml'));
  rmSync(join(home, 'node.LICENSE'));
}

function pinnedNode({ source, arch }: Build, home: string): PinnedNode {
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  const version = manifest.optionalDependencies[`node-linux-${arch}`];
  if (version === undefined) throw new Error(`package.json names no node-linux-${arch}`);
  return { version, sha256: sha256(readFileSync(join(home, 'node'))) };
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** gzip without a time of its own. */
function packed(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}
