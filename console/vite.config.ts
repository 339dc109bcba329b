import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// Three pages, one build: the desk of the agents, the sandbox's phone and the camera of a customer.
// The addresses are relative, so that each page can be served from any path or port,
// and nothing is inlined, because the pages' Content-Security-Policy allows 'self' only.
const page = (name: string) => fileURLToPath(new URL(`./${name}.html`, import.meta.url));
const server = process.env.SPORTELLO_URL ?? 'http://127.0.0.1:8080';

/** The development server answers `/capture/{token}` with the page, as the real one does. */
const capturePage: Plugin = {
  name: 'capture-page',
  configureServer({ middlewares }) {
    middlewares.use((request, _response, next) => {
      if (/^\/capture\/[^/?]+$/.test(request.url ?? '')) request.url = '/capture.html';
      next();
    });
  },
};

export default defineConfig({
  plugins: [svelte(), capturePage],
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { desk: page('index'), phone: page('phone'), capture: page('capture') } },
  },
  experimental: {
    // The customer's page lives one folder down, at `/capture/{token}`; its files lie beside those of the others.
    renderBuiltUrl: (file, { hostId, hostType }) =>
      hostType === 'html' && hostId.endsWith('capture.html') ? `../${file}` : { relative: true },
  },
  server: { proxy: { '/api': server, '/sandbox': server, '^/capture/[^/]+/(state|photo)$': server } },
  // Svelte's browser build under test, so that runes and components behave as they do on the page.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
});
