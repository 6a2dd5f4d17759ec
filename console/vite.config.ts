import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompress } from './precompress.ts';

/** The page is served below this path, so every address in it is absolute and starts with it. */
const BASE = '/graphiql/';

export default defineConfig({
  base: BASE,
  plugins: [react(), precompress()],
  build: {
    // Monaco is one large chunk whatever we do.
    chunkSizeWarningLimit: 8_000,
    target: 'es2022',
  },
  worker: { format: 'es' },
  // `npm run dev` against a running `encircle demo --listen 127.0.0.1:4000`.
  server: {
    proxy: {
      '/graphql': 'http://127.0.0.1:4000',
      '/graphiql/config.json': 'http://127.0.0.1:4000',
    },
  },
});
