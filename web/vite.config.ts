import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env.SYNCTV_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {
    // The HTTP entrypoint serves this folder.
    outDir: '../src/entrypoints/http/page',
    emptyOutDir: true,
    // What the bundles are made of, with its licences, is served next to them.
    license: { fileName: 'licenses.md' },
    target: 'es2022',
    chunkSizeWarningLimit: 850,
  },
  server: {
    proxy: { '/api': server, '/health': server, '/media': server },
  },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts'],
  },
});
