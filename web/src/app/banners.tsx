import { FlaskConical, WifiOff } from 'lucide-react';
import { useI18n } from '@/i18n';
import { useServer } from './server';

/** What holds for every page: the server is away, the data is synthetic. */
export function Banners() {
  const { t } = useI18n();
  const { away, demo } = useServer();
  return (
    <div aria-live="polite">
      {away && (
        <p
          className="flex items-center gap-2 bg-bad-soft px-4 py-2 text-bad text-[13px]"
          data-testid="offline"
        >
          <WifiOff aria-hidden className="size-4 shrink-0" /> {t('banners.offline')}
        </p>
      )}
      {demo && (
        <p
          className="flex items-center gap-2 border-b bg-warn-soft px-4 py-1.5 text-warn text-[13px]"
          data-testid="demo"
        >
          <FlaskConical aria-hidden className="size-4 shrink-0" />
          <span>
            <strong className="font-semibold">{t('banners.demo')}</strong>{' '}
            <span className="max-sm:hidden">{t('banners.demoMore')}</span>
          </span>
        </p>
      )}
    </div>
  );
}
