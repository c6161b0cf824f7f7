import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '@/lib/cn';

const KINDS = {
  primary: 'bg-accent text-accent-ink hover:opacity-90 shadow-sm',
  plain: 'border bg-panel hover:bg-raised',
  ghost: 'hover:bg-raised text-muted hover:text-ink',
  danger: 'border border-bad/40 text-bad hover:bg-bad-soft',
};

const SIZES = { md: 'h-9 px-3.5', sm: 'h-8 px-2.5 text-[13px]', icon: 'size-9 shrink-0' };

type Props = ComponentProps<'button'> & {
  kind?: keyof typeof KINDS;
  size?: keyof typeof SIZES;
  asChild?: boolean;
};

export function Button({ kind = 'plain', size = 'md', asChild, className, ...props }: Props) {
  const Tag = asChild ? Slot.Root : 'button';
  return (
    <Tag
      type={asChild ? undefined : 'button'}
      className={cn(
        'inline-flex select-none items-center justify-center gap-2 whitespace-nowrap rounded-lg font-medium transition-colors',
        'disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
        KINDS[kind],
        SIZES[size],
        className,
      )}
      {...props}
    />
  );
}
