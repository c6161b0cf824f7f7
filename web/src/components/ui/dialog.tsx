import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { Button } from './button';

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  hideTitle?: boolean;
  className?: string;
  children: ReactNode;
};

const VEIL = 'fixed inset-0 z-40 bg-black/45 backdrop-blur-[1px] data-[state=open]:appear';

function Head({ title, description, hideTitle }: Pick<DialogProps, 'title' | 'description' | 'hideTitle'>) {
  const { t } = useI18n();
  return (
    <div className={cn('flex items-start gap-3 px-5 pt-4 pb-3', hideTitle && 'sr-only')}>
      <div className="min-w-0 flex-1">
        <Radix.Title className="font-semibold text-base">{title}</Radix.Title>
        {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
      </div>
      <Radix.Close asChild>
        <Button kind="ghost" size="icon" className="-mr-2 -mt-1" aria-label={t('common.close')}>
          <X />
        </Button>
      </Radix.Close>
    </div>
  );
}

/** A question or a message in the middle of the page. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  hideTitle,
  className,
  children,
}: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cn(
            'fixed top-[8vh] left-1/2 z-50 flex max-h-[84vh] w-[min(32rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-2xl border bg-panel shadow-2xl',
            className,
          )}
        >
          <Head title={title} description={description} hideTitle={hideTitle} />
          <div className={cn('min-h-0 overflow-y-auto', !hideTitle && 'px-5 pb-5')}>{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel that slides in from the side; the page stays visible beside it on a wide screen. */
export function Sheet({
  open,
  onOpenChange,
  title,
  side = 'right',
  className,
  children,
}: Omit<DialogProps, 'description' | 'hideTitle'> & { side?: 'left' | 'right' }) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={VEIL} />
        <Radix.Content
          aria-describedby={undefined}
          className={cn(
            'fixed inset-y-0 z-50 flex w-[min(46rem,100vw)] flex-col border bg-panel shadow-2xl data-[state=open]:animate-[slide_160ms_ease-out]',
            side === 'right' ? 'right-0 border-r-0' : 'left-0 w-[min(17rem,85vw)] border-l-0',
            className,
          )}
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const SheetClose = Radix.Close;
