import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { useI18n } from '@/i18n';
import { dismiss, type Message } from './say';
import { Button } from './ui/button';

/** The messages, newest last. */
export default function Toasts({ messages: shown }: { messages: readonly Message[] }) {
  const { t } = useI18n();
  return (
    <Toast.Provider swipeDirection="right" duration={6000} label={t('common.notification')}>
      {shown.map((message) => (
        <Toast.Root
          key={message.id}
          className="appear flex items-start gap-2.5 rounded-xl border bg-panel p-3.5 shadow-xl"
          onOpenChange={(open) => !open && dismiss(message.id)}
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
