import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import type { Role } from '@/api/gen/types.gen';
import { useMay } from '@/api/role';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';

const KINDS = {
  primary: 'bg-accent text-accent-ink hover:opacity-90 shadow-sm',
  plain: 'border bg-panel hover:bg-raised',
  ghost: 'hover:bg-raised text-muted hover:text-ink',
  danger: 'border border-bad/40 text-bad hover:bg-bad-soft',
};

const SIZES = { md: 'h-9 px-3.5', sm: 'h-8 px-2.5 text-[13px]', icon: 'size-9 shrink-0' };

export type ButtonSize = keyof typeof SIZES;

type Props = ComponentProps<'button'> & {
  kind?: keyof typeof KINDS;
  size?: ButtonSize | undefined;
  asChild?: boolean;
};

/** A button; one that needs a role is shown to others as what they may not do, with the reason. */
export function Button({ needs, ...props }: Props & { needs?: Role }) {
  return needs ? <Guarded needs={needs} {...props} /> : <Plain {...props} />;
}

function Guarded({ needs, ...props }: Props & { needs: Role }) {
  const { t } = useI18n();
  if (useMay(needs)) return <Plain {...props} />;
  // A link cannot be disabled: it is left out.
  return props.asChild ? null : <Plain {...props} disabled title={t(`access.needs.${needs}`)} />;
}

function Plain({ kind = 'plain', size = 'md', asChild, className, ...props }: Props) {
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
