import type { FormEvent, ReactNode } from 'react';
import { Brand } from '@/app/brand';
import { ErrorText } from '@/components/error-text';

type Props = {
  title: ReactNode;
  text?: ReactNode;
  error?: unknown;
  onSubmit: () => void;
  children: ReactNode;
};

/** The page before one is in: a form in the middle of nothing else. */
export function Door({ title, text, error, onSubmit, children }: Props) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <form
        onSubmit={submit}
        className="grid w-full max-w-sm gap-4 rounded-2xl border bg-panel p-6 shadow-lg"
      >
        <Brand />
        <div>
          <h1 className="font-semibold text-xl">{title}</h1>
          {text && <p className="mt-1 text-muted">{text}</p>}
        </div>
        {error != null && (
          <div role="alert" className="rounded-xl bg-bad-soft p-3">
            <ErrorText error={error} />
          </div>
        )}
        {children}
      </form>
    </main>
  );
}
