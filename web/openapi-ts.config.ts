import { defineConfig } from '@hey-api/openapi-ts';

/** Everything that talks to the API is generated from its document; `cargo xtask gen` runs this. */
export default defineConfig({
  input: '../docs/openapi.json',
  output: { path: 'src/api/gen', clean: true },
  plugins: [
    { name: '@hey-api/client-fetch', runtimeConfigPath: '../client' },
    '@hey-api/typescript',
    { name: 'zod', compatibilityVersion: 'mini' },
    { name: '@hey-api/sdk', validator: { response: 'zod' } },
    '@tanstack/react-query',
  ],
});
