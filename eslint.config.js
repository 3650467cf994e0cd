import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { PURE } from './scripts/shape.js';

/** What would make a pure file depend on more than its arguments. */
const IMPURE_SYNTAX = [
  ['NewExpression[callee.name="Date"][arguments.length=0]', 'Pure files take `now: Date` as an argument.'],
  [
    'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
    'Pure files take `now: Date` as an argument.',
  ],
  [
    'CallExpression[callee.object.name="Math"][callee.property.name="random"]',
    'Pure files take a random source as an argument.',
  ],
  [
    'ImportDeclaration[source.value="node:crypto"] ImportSpecifier[imported.name!="createHash"]',
    'Of node:crypto only createHash is pure.',
  ],
];
const IMPURE_GLOBALS = [
  'process',
  'console',
  'performance',
  'fetch',
  'crypto',
  'navigator',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
];

const NO_DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export by name.' };

export default defineConfig(
  globalIgnores(['node_modules', 'coverage', 'dist', '.raisingd']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-constant-binary-expression': 'error',
      'no-control-regex': 'error',
      'no-self-compare': 'error',
      'no-useless-assignment': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT],
      // It would ask for `!`, which strict forbids; `as number` after a bounds check says more.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Takes instances of winston's own transports for something else.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // There are no enums (erasableSyntaxOnly), and looking for them takes the most time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // The compiler says so already.
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // expect.any() and its like are `any` by vitest's own types.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: PURE,
    rules: {
      'no-restricted-globals': [
        'error',
        ...IMPURE_GLOBALS.map((name) => ({ name, message: 'This file is pure (scripts/shape.js).' })),
      ],
      'no-restricted-syntax': [
        'error',
        NO_DEFAULT_EXPORT,
        ...IMPURE_SYNTAX.map(([selector, message]) => ({ selector, message })),
      ],
    },
  },
  {
    files: ['*.js', '*.mjs', '*.config.ts', 'scripts/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
