import { createParser } from 'eventsource-parser';
import { ApiError, toApiError } from './problem';
import { ownHeaders } from './session';

/** One event of a stream: its name and its data, read from JSON. */
export type StreamEvent = { name: string; data: unknown };

/**
 * Posts a question and hands over the events of the answer as they come. Never repeats the question: it may cost
 * tokens.
 */
export async function postStream(
  url: string,
  body: unknown,
  signal: AbortSignal,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...ownHeaders() },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw toApiError(error);
  }
  if (!response.ok || !response.body) {
    const text = await response.text();
    throw toApiError(parsed(text), response.status);
  }
  const parser = createParser({
    onEvent: (event) => onEvent({ name: event.event ?? 'message', data: parsed(event.data) }),
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
    }
  } catch (error) {
    throw signal.aborted ? new ApiError('aborted', 0, '') : toApiError(error);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
