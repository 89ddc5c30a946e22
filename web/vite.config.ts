// How the client is built: one page, one style, scripts by part, everything compressed once and for good.
// What may be loaded is decided by the policy that the server sends, not here.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

const OUT = 'built';
const COMPRESSED = /\.(html|js|css|svg|json|webmanifest)$/;

/** Empties the folder, but for the file that keeps it; afterwards puts a compressed twin beside every text. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    buildStart() {
      for (const name of readdirSync(OUT)) {
        if (name !== '.gitignore') rmSync(join(OUT, name), { recursive: true });
      }
    },
    closeBundle() {
      for (const file of walk(OUT).filter((name) => COMPRESSED.test(name))) {
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    },
  };
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

export default defineConfig({
  plugins: [svelte(), packed()],
  build: {
    outDir: OUT,
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        // The worker must keep its name and lie at the root: from there it may serve all pages.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: { include: ['tests/unit/**/*.test.ts'] },
});
