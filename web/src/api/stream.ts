import { createParser } from 'eventsource-parser';
import { ApiError, toApiError } from './problem';
import { ownHeaders } from './session';

/** One event of a stream: its name, its id, and its data, read from JSON. */
export type StreamEvent = { name: string; id: string | undefined; data: unknown };

/**
 * Posts a question and hands over the events of the answer as they come. Never repeats the question: it may cost
 * tokens.
 */
export function postStream(
  url: string,
  body: unknown,
  signal: AbortSignal,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  return stream(url, { method: 'POST', signal, headers, body: JSON.stringify(body) }, onEvent);
}

/** Follows what goes on at an address, from after the event that was seen last. */
export function followStream(
  url: string,
  last: string | undefined,
  signal: AbortSignal,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  return stream(url, { signal, headers: last === undefined ? {} : { 'last-event-id': last } }, onEvent);
}

async function stream(
  url: string,
  request: RequestInit & { signal: AbortSignal; headers: Record<string, string> },
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  let response: Response;
  try {
    const headers = { accept: 'text/event-stream', ...request.headers, ...ownHeaders() };
    response = await fetch(url, { ...request, headers });
  } catch (error) {
    throw toApiError(error);
  }
  if (!response.ok || !response.body) {
    const text = await response.text();
    throw toApiError(parsed(text), response.status);
  }
  const parser = createParser({
    onEvent: ({ event, id, data }) => onEvent({ name: event ?? 'message', id, data: parsed(data) }),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
    }
  } catch (error) {
    throw request.signal.aborted ? new ApiError('aborted', 0, '') : toApiError(error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
