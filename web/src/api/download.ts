import { ApiError, toApiError } from './problem';
import { ownHeaders } from './session';

/** The files a list comes as. */
export const FILE_TYPES = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
} as const;
export type FileType = keyof typeof FILE_TYPES;

/** Where a list comes from: an address to read, or one to post a question to. */
export type FileSource = { url: string; body?: object };

/** Fetches a list as the server writes it and hands it to the browser to keep; how many products were left out. */
export async function download({ url, body }: FileSource, name: string, type: FileType): Promise<number> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: FILE_TYPES[type],
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...ownHeaders(),
      },
      // A question says the format itself.
      ...(body !== undefined && { body: JSON.stringify({ ...body, format: type }) }),
    });
  } catch (error) {
    throw toApiError(error);
  }
  if (!response.ok) throw toApiError(await response.json().catch(() => undefined), response.status);
  // An answer of another kind would be kept under a wrong name.
  if (!response.headers.get('content-type')?.startsWith(FILE_TYPES[type])) {
    throw new ApiError('unreadable_answer', 0, url);
  }
  const file = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = file;
  link.download = `${name}.${type}`;
  link.click();
  URL.revokeObjectURL(file);
  return Number(response.headers.get('x-gleaner-left-out') ?? 0);
}
