import { BUILT_BY, PURE, SHARED, STAGES } from './scripts/shape.js';

/** A glob of shape.js as the regular expression that dependency-cruiser wants. */
function pattern(glob) {
  const text = glob
    .replaceAll('.', '\\.')
    .replaceAll('**/*', '.+')
    .replaceAll(/\{(.*)\}/g, (_, names) => `(${names.replaceAll(',', '|')})`);
  return `^${text}$`;
}

const pure = PURE.map(pattern);
const typesOnly = { dependencyTypesNot: ['type-only'] };

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Files that need each other hide one idea between them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      comment: 'Nothing uses it and it uses nothing.',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', '^scripts/', '\\.test\\.ts$'] },
      to: {},
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-a-dependency',
      comment: 'What runs in a laboratory is in "dependencies"; an installation has nothing else.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional'], ...typesOnly },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'checker-stands-alone',
      comment:
        'The checker of the fault suite judges the program: it uses nothing of it, nor of the suite around it.',
      severity: 'error',
      from: { path: '^test/faults/checker/' },
      to: { pathNot: '^test/faults/checker/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'pure-no-io',
      comment: 'A pure file depends on its arguments alone (scripts/shape.js).',
      severity: 'error',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|buffer|zlib)$' },
    },
    {
      name: 'pure-no-package',
      severity: 'error',
      from: { path: pure },
      to: {
        path: '/node_modules/|^node_modules/',
        pathNot: 'node_modules/(zod|yaml|hl7-standard|encoding-japanese)/',
      },
    },
    {
      name: 'pure-no-shell',
      comment: 'Nor may it do through another file what it may not do itself. Types are only types.',
      severity: 'error',
      from: { path: pure },
      to: { path: '^src/', pathNot: pure, ...typesOnly },
    },
    ...STAGES.map((stage, index) => ({
      name: `${stage}-looks-left`,
      comment: `A stage knows the types of those before it (${STAGES.join(' -> ')}); only pipeline.ts calls them in turn.`,
      severity: 'error',
      from: { path: `^src/${stage}/` },
      to: { path: `^src/(${STAGES.slice(index + 1).join('|') || '(?!)'})/` },
    })),
    ...STAGES.map((stage) => ({
      name: `${stage}-calls-no-stage`,
      severity: 'error',
      from: { path: `^src/${stage}/` },
      to: {
        path: `^src/(${STAGES.filter((other) => other !== stage).join('|')})/`,
        pathNot: SHARED.map(pattern),
        ...typesOnly,
      },
    })),
    {
      name: 'adapters-are-built-in-one-place',
      comment: 'Everything else is handed what it needs.',
      severity: 'error',
      from: { path: '^src/', pathNot: BUILT_BY },
      to: { path: '^src/(store|deliver|watch|upkeep)/', pathNot: pure, ...typesOnly },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
