import { ChevronDown } from 'lucide-react';
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cn } from '@/lib/cn';

const BOX =
  'h-9 w-full min-w-0 rounded-lg border border-edge/70 bg-panel px-3 text-ink transition-colors placeholder:text-muted hover:border-edge aria-invalid:border-bad disabled:opacity-60';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(BOX, className)} autoComplete="off" {...props} />;
}

export function TextArea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(BOX, 'h-auto py-2', className)} {...props} />;
}

/** The browser's own list: on a phone it is the one people know. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <div className="relative">
      <select className={cn(BOX, 'appearance-none truncate pr-8', className)} {...props}>
        {children}
      </select>
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-muted" />
    </div>
  );
}

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  className?: string;
  children: (attributes: {
    id: string;
    'aria-invalid': boolean | undefined;
    'aria-describedby': string | undefined;
  }) => ReactNode;
};

/** A labelled control with its hint, or what is wrong with it. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="font-medium text-[13px] text-muted">
        {label}
      </label>
      {children({
        id,
        'aria-invalid': error ? true : undefined,
        'aria-describedby': note ? `${id}-note` : undefined,
      })}
      {note && (
        <p id={`${id}-note`} className={cn('text-xs', error ? 'text-bad' : 'text-muted')}>
          {note}
        </p>
      )}
    </div>
  );
}

export function Checkbox({ className, ...props }: ComponentProps<typeof RadixCheckbox.Root>) {
  return (
    <RadixCheckbox.Root
      className={cn(
        'grid size-4.5 shrink-0 place-items-center rounded-[5px] border border-edge bg-panel',
        'data-[state=checked]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent-soft',
        className,
      )}
      {...props}
    >
      <RadixCheckbox.Indicator className="text-accent-ink">
        <svg
          viewBox="0 0 12 12"
          className="size-3"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          aria-hidden="true"
        >
          <path d="M2.5 6.5 5 9l4.5-6" />
        </svg>
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}

export function Switch({ className, ...props }: ComponentProps<typeof RadixSwitch.Root>) {
  return (
    <RadixSwitch.Root
      className={cn(
        'relative h-5 w-9 shrink-0 rounded-full border border-edge bg-raised transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent',
        className,
      )}
      {...props}
    >
      <RadixSwitch.Thumb className="block size-3.5 translate-x-0.5 rounded-full bg-edge transition-transform data-[state=checked]:translate-x-[17px] data-[state=checked]:bg-accent-ink" />
    </RadixSwitch.Root>
  );
}

/** A switch with its label beside it; the whole line is clickable. */
export function SwitchLine({
  label,
  ...props
}: { label: ReactNode } & Omit<ComponentProps<typeof RadixSwitch.Root>, 'children'>) {
  const id = useId();
  return (
    <div className="flex items-center gap-2.5">
      <Switch id={id} {...props} />
      <label htmlFor={id} className="cursor-pointer select-none">
        {label}
      </label>
    </div>
  );
}
