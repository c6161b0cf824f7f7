import { CircleAlert, Eye, RefreshCw } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import type { Role } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { ErrorText } from '@/components/error-text';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { Button } from './button';

export function Card({ className, ...props }: ComponentProps<'section'>) {
  return (
    <section className={cn('min-w-0 rounded-2xl border bg-panel p-5 shadow-xs', className)} {...props} />
  );
}

export function CardTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <div className="mb-4 flex min-h-8 flex-wrap items-center justify-between gap-x-3 gap-y-1">
      <h2 className="font-semibold text-[15px]">{children}</h2>
      {aside}
    </div>
  );
}

export function PageHead({
  title,
  lead,
  needs,
  children,
}: {
  title: ReactNode;
  lead?: ReactNode;
  /** What changing something here needs: whoever has less is told at the top of the page. */
  needs?: Role;
  children?: ReactNode;
}) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
        {lead && <p className="mt-1 max-w-prose text-muted">{lead}</p>}
        {needs && <LookOnly needs={needs} />}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  );
}

/** Says to whoever may look but not change that it is so, and why. */
function LookOnly({ needs }: { needs: Role }) {
  const { t } = useI18n();
  if (useMay(needs)) return null;
  return (
    <p className="mt-2 flex items-center gap-2 text-muted text-xs" data-testid="look-only">
      <Eye aria-hidden className="size-4 shrink-0" /> {t(`access.lookOnly.${needs}`)}
    </p>
  );
}

const TONES = {
  neutral: 'bg-raised text-muted',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  solid: 'bg-accent text-accent-ink',
};

export type Tone = keyof typeof TONES;

export function Badge({ tone = 'neutral', className, ...props }: ComponentProps<'span'> & { tone?: Tone }) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1 whitespace-nowrap rounded-md px-1.5 py-0.5 font-medium text-xs [&_svg]:size-3',
        TONES[tone],
        className,
      )}
      {...props}
    />
  );
}

/** Holds the place of what is being loaded, in its size. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-lg bg-raised', className)} />;
}

export function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-md border border-b-2 bg-raised px-1 font-medium font-sans text-[11px] text-muted">
      {children}
    </kbd>
  );
}

/** Nothing here yet, and what to do about it. */
export function Empty({
  icon,
  title,
  text,
  children,
}: {
  icon?: ReactNode;
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-2 px-4 py-10 text-center">
      {icon && (
        <div className="mb-1 grid size-11 place-items-center rounded-full bg-accent-soft text-accent [&_svg]:size-5">
          {icon}
        </div>
      )}
      <p className="font-medium text-base">{title}</p>
      {text && <p className="text-muted">{text}</p>}
      {children && <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}

/** What went wrong, in place of what it would have shown. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useI18n();
  return (
    <div role="alert" className="flex items-start gap-3 rounded-xl border border-bad/30 bg-bad-soft p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <ErrorText error={error} />
      </div>
      {onRetry && (
        <Button size="sm" onClick={onRetry}>
          <RefreshCw /> {t('common.retry')}
        </Button>
      )}
    </div>
  );
}

/** A label and its value, one below the other. */
export function Figure({
  label,
  value,
  note,
  className,
}: {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
  className?: string;
}) {
  return (
    <div className={cn('min-w-0', className)}>
      <p className="truncate text-muted text-xs">{label}</p>
      <p className="num mt-0.5 font-semibold text-lg leading-tight">{value}</p>
      {note && <p className="mt-0.5 text-muted text-xs">{note}</p>}
    </div>
  );
}
