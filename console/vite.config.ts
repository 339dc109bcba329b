import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Two pages, one build: the desk of the agents and the sandbox's phone.
// The addresses are relative, so that either page can be served from any path or port,
// and nothing is inlined, because the pages' Content-Security-Policy allows 'self' only.
const page = (name: string) => fileURLToPath(new URL(`./${name}.html`, import.meta.url));
const server = process.env.SPORTELLO_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { desk: page('index'), phone: page('phone') } },
  },
  server: { proxy: { '/api': server, '/sandbox': server } },
  // Svelte's browser build under test, so that runes and components behave as they do on the page.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
});
