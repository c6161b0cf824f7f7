import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import { onFailure } from '@/api/query';
import { ErrorText } from '@/components/error-text';
import { useI18n } from '@/i18n';
import { Button } from './ui/button';

type Message = {
  id: number;
  tone: 'good' | 'bad';
  content: ReactNode;
  action?: { label: string; run: () => void };
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

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Failures that a page shows in place are not said again: what reads shows its own. */
export function Toaster() {
  const { t } = useI18n();
  const shown = useSyncExternalStore(subscribe, () => messages);
  useEffect(
    () =>
      onFailure((error) => {
        if (error.code === 'aborted' || error.code === 'offline' || error.status === 401) return;
        if (error.source === 'change') say(<ErrorText error={error} />, undefined, 'bad');
      }),
    [],
  );
  return (
    <Toast.Provider swipeDirection="right" duration={6000} label={t('common.notification')}>
      {shown.map((message) => (
        <Toast.Root
          key={message.id}
          className="appear flex items-start gap-2.5 rounded-xl border bg-panel p-3.5 shadow-xl"
          onOpenChange={(open) => !open && change(messages.filter((one) => one.id !== message.id))}
        >
          {message.tone === 'good' ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          )}
          <Toast.Description className="min-w-0 flex-1">{message.content}</Toast.Description>
          {message.action && (
            <Toast.Action asChild altText={message.action.label}>
              <Button size="sm" className="-my-1" onClick={message.action.run}>
                {message.action.label}
              </Button>
            </Toast.Action>
          )}
          <Toast.Close className="text-muted hover:text-ink" aria-label={t('common.close')}>
            <X className="size-4" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-3 bottom-3 z-[70] flex w-[min(24rem,calc(100vw-1.5rem))] flex-col gap-2 outline-none" />
    </Toast.Provider>
  );
}
