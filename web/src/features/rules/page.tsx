import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { getRulesOptions, getRulesSchemaOptions } from '@/api/gen/@tanstack/react-query.gen';
import type { Strategy } from '@/api/gen/types.gen';
import { Failure, PageHead, Skeleton } from '@/components/ui/bits';
import { useI18n } from '@/i18n';
import { cn } from '@/lib/cn';
import { Editor } from './editor';
import { type Json, spelledOut } from './paths';
import { Versions } from './versions';

const route = getRouteApi('/rules');
const STRATEGIES: readonly Strategy[] = ['balanced', 'velocity', 'textbook'];

export default function RulesPage() {
  const { t } = useI18n();
  const { strategy = 'balanced' } = route.useSearch();
  const navigate = route.useNavigate();
  const form = useQuery({ ...getRulesSchemaOptions(), staleTime: Number.POSITIVE_INFINITY });
  const rules = useQuery(getRulesOptions({ path: { strategy } }));
  return (
    <>
      <PageHead title={t('nav.rules')} lead={t('rules.lead')} needs="admin" />
      <div className="mb-4 flex flex-wrap gap-1">
        {STRATEGIES.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={strategy === one}
            onClick={() => navigate({ search: { strategy: one } })}
            className={cn(
              'rounded-lg px-3 py-1.5 font-medium',
              strategy === one ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-raised',
            )}
          >
            {t(`strategy.${one}`)}
          </button>
        ))}
      </div>
      {form.isError || rules.isError ? (
        <Failure
          error={form.error ?? rules.error}
          onRetry={() => Promise.all([form.refetch(), rules.refetch()])}
        />
      ) : form.isPending || rules.isPending ? (
        <Skeleton className="h-96" />
      ) : (
        <div className="grid items-start gap-5 xl:grid-cols-[1fr_24rem]">
          <Editor key={`${strategy}-${rules.data.version}`} rules={rules.data} fields={form.data.fields} />
          <Versions
            strategy={strategy}
            newest={rules.data.version}
            fields={spelledOut(form.data.fields, rules.data.document as unknown as Json)}
          />
        </div>
      )}
    </>
  );
}
