import { cn } from '@/lib/cn';

/** An ear of grain, and the name. */
export function Brand({ short }: { short?: boolean }) {
  return (
    <span className="flex items-center gap-2.5 font-semibold text-[17px] tracking-tight">
      <img src="/favicon.svg" alt="" width="26" height="26" />
      <span className={cn(short && 'max-sm:sr-only')}>Gleaner</span>
    </span>
  );
}
