import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['node_modules/', 'src/lib/realtime/generated/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  { languageOptions: { globals: { ...globals.browser } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      // Defaults of optional values count too.
      complexity: ['error', { max: 12, variant: 'modified' }],
      'max-lines': ['error', { max: 400, skipBlankLines: true }],
      'no-console': 'error',
      // Sets and addresses here are made, used and dropped, or replaced as a whole.
      'svelte/prefer-svelte-reactivity': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // One door to the server: everything else asks lib/api.
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['src/lib/api/**'],
    rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: 'Go through lib/api.' }] },
  },
  {
    files: ['**/*.test.ts', '*.config.{js,ts}'],
    rules: { 'max-lines': ['error', 600] },
    languageOptions: { globals: globals.node },
  },
);
