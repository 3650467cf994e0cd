import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
});

/** The licence texts of everything in the package that others wrote, Node first. */
export function thirdPartyNotices(home: string, nodeVersion: string): string {
  const node = notice(
    'Node.js',
    nodeVersion,
    'MIT and others',
    readFileSync(join(home, 'node.LICENSE'), 'utf8'),
  );
  const packages = packageFolders(join(home, 'node_modules')).map((folder) => {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    return notice(manifest.name, manifest.version, manifest.license, licenceText(folder));
  });
  return ['raisingd contains these works of others.\n', node, ...packages].join('\n');
}

/** Every package at every depth, sorted by path. */
function packageFolders(modules: string): string[] {
  return readdirSync(modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(modules, name))
    .sort()
    .flatMap((folder) => {
      const names = readdirSync(folder);
      if (!names.includes('package.json')) return packageFolders(folder);
      return names.includes('node_modules')
        ? [folder, ...packageFolders(join(folder, 'node_modules'))]
        : [folder];
    });
}

/** Some packages have their licence in the README only. */
function licenceText(folder: string): string {
  const files = readdirSync(folder).sort();
  const file = files.find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8');
  const readme = files.find((name) => /^readme/i.test(name));
  const text = readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8');
  const section = /^(#+ *)?licen[cs]e\s*$[\s\S]*/im.exec(text)?.[0];
  return section ?? 'The package comes without a licence text.';
}

function notice(name: string, version: string, licence: string, text: string): string {
  return `${'-'.repeat(80)}\n${name} ${version} (${licence})\n\n${text.trim()}\n`;
}
