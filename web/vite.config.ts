import path from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = import.meta.dirname;
const api = process.env.GLEANER_URL ?? 'http://127.0.0.1:8080';
// The server answers to pages of its own address only, so the request keeps the name it was sent to.
const proxy = { '^/(api|healthz|readyz)': { target: api, changeOrigin: true, headers: { origin: api } } };

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      '@': path.join(here, 'src'),
      // The original writes <style> elements, which the page's policy forbids; ours adopts style sheets.
      'react-style-singleton': path.join(here, 'src/lib/style-singleton.ts'),
    },
  },
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2023',
    // No file is written into the page: the policy allows none.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], environment: 'node' } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          environment: 'node',
          // One browser and one server at a time: they share the machine with everything else.
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
