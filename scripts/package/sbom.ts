import { execFileSync } from 'node:child_process';
import { z } from 'zod';
import type { Build } from './layout.ts';

const component = z.looseObject({ 'bom-ref': z.string(), name: z.string() });
const dependency = z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() });
const bomSchema = z.looseObject({
  metadata: z.looseObject({ component }),
  components: z.array(component),
  dependencies: z.array(dependency),
});

/** Node as the package carries it. */
export interface PinnedNode {
  readonly version: string;
  /** SHA-256 of the program, hex. */
  readonly sha256: string;
}

/**
 * The bill of materials as CycloneDX JSON: npm's, from the lock file, with the pinned Node as what it is, and without
 * what differs between two builds of the same source.
 */
export function billOfMaterials({ source, version, arch, date }: Build, node: PinnedNode): string {
  const json = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], {
    cwd: source,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // A serial number is new in each build; tools names the npm of the machine.
  const { serialNumber: _serial, ...bom } = bomSchema.parse(JSON.parse(json)) as z.infer<typeof bomSchema> & {
    readonly serialNumber?: string;
  };
  const { tools: _tools, ...metadata } = bom.metadata as typeof bom.metadata & { readonly tools?: unknown };
  const elsewhere = (ref: string): boolean => ref.startsWith('node-linux-');
  const nodeRef = `node@${node.version}`;
  const ours = metadata.component['bom-ref'];
  const whole = {
    ...bom,
    metadata: {
      ...metadata,
      timestamp: date.toISOString(),
      component: { ...metadata.component, type: 'application', name: 'raisingd', version },
    },
    components: [
      ...bom.components.filter((one) => !elsewhere(one['bom-ref'])),
      {
        'bom-ref': nodeRef,
        type: 'platform',
        name: 'node',
        version: node.version,
        description: `Node.js for linux-${arch}, which runs everything else`,
        scope: 'required',
        purl: `pkg:generic/node@${node.version}?arch=${arch}&os=linux`,
        cpe: `cpe:2.3:a:nodejs:node.js:${node.version}:*:*:*:*:*:*:*`,
        hashes: [{ alg: 'SHA-256', content: node.sha256 }],
        licenses: [{ license: { id: 'MIT' } }],
      },
    ],
    dependencies: [
      ...bom.dependencies
        .filter(({ ref }) => !elsewhere(ref))
        .map((one) => ({
          ...one,
          dependsOn: [
            ...(one.dependsOn ?? []).filter((ref) => !elsewhere(ref)),
            ...(one.ref === ours ? [nodeRef] : []),
          ],
        })),
      { ref: nodeRef, dependsOn: [] },
    ],
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
