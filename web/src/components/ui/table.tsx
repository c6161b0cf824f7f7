import type { ReactNode } from 'react';
import { cn } from '@/lib/cn';

type Head = { name: ReactNode; right?: boolean; key: string };

type Props = {
  label: string;
  heads: readonly Head[];
  /** What the table needs before it scrolls, as a class: `min-w-[40rem]`. */
  width?: string;
  children: ReactNode;
};

/** A plain table that scrolls by itself on a narrow screen. */
export function Table({ label, heads, width, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="overflow-x-auto" tabIndex={0} aria-label={label}>
      <table className={cn('num w-full', width)}>
        <thead className="text-muted text-xs">
          <tr>
            {heads.map((head) => (
              <th
                key={head.key}
                scope="col"
                className={cn('py-1.5 pr-4 font-medium last:pr-0', head.right ? 'text-right' : 'text-left')}
              >
                {head.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

export function Cell({
  right,
  className,
  title,
  children,
}: {
  right?: boolean;
  className?: string;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <td className={cn('border-t py-2 pr-4 last:pr-0', right && 'text-right', className)} title={title}>
      {children}
    </td>
  );
}
