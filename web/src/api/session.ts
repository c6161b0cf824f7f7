import { client } from './gen/client.gen';

/** What every change shows the server, when somebody is logged in. */
let token: string | undefined;

export function setCsrfToken(next: string | null | undefined) {
  token = next ?? undefined;
}

/** The headers of a request that the generated client does not make. */
export const ownHeaders = (): Record<string, string> => ({
  'x-gleaner-client': 'web',
  ...(token && { 'x-csrf-token': token }),
});

client.interceptors.request.use((request) => {
  if (token) request.headers.set('x-csrf-token', token);
  return request;
});
