import type { ReactNode } from 'react';

export type Message = {
  id: number;
  tone: 'good' | 'bad';
  content: ReactNode;
  action?: { label: string; run: () => void } | undefined;
};

let messages: readonly Message[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Message[]) {
  messages = next;
  for (const listener of listeners) listener();
}

/** Says something for a few seconds, with one thing that can be done about it. */
export function say(content: ReactNode, action?: Message['action'], tone: Message['tone'] = 'good') {
  last += 1;
  change([...messages.slice(-2), { id: last, tone, content, action }]);
}

export const dismiss = (id: number) => change(messages.filter((one) => one.id !== id));

export const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const said = () => messages;
