import type { CreateClientConfig } from './gen/client.gen';

/** The generated client asks its own server and says that it is the web app. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: '',
  headers: { 'x-gleaner-client': 'web' },
});
