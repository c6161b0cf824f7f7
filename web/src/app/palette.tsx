import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import {
  Compass,
  Keyboard,
  Languages,
  LogOut,
  MoonStar,
  Plus,
  Search,
  Settings2,
  Sun,
  SunMoon,
  UserPlus,
} from 'lucide-react';
import { useState } from 'react';
import { logOutMutation } from '@/api/gen/@tanstack/react-query.gen';
import { queryClient } from '@/api/query';
import { reaches, useSession } from '@/api/role';
import { Key } from '@/components/ui/bits';
import { Dialog } from '@/components/ui/dialog';
import { LANGUAGES, type Language, setLanguage, useI18n } from '@/i18n';
import { setTheme } from '@/lib/theme';
import { PAGES, SYSTEM_PAGES } from './pages';

const ITEM =
  'flex items-center gap-3 rounded-lg px-3 py-2 data-[selected=true]:bg-raised [&_svg]:size-4 [&_svg]:text-muted';

/** Ten characters of an ASIN or an ISBN-10. */
const ASIN = /^(B0[A-Z0-9]{8}|\d{9}[\dX])$/;

/** Every page and command by typing a few letters of it; an ASIN opens its product. */
export default function Palette({
  open,
  onOpenChange,
  onKeys,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onKeys: () => void;
}) {
  const { t, language } = useI18n();
  const session = useSession().data;
  const role = session?.role;
  const logOut = useMutation({ ...logOutMutation(), onSuccess: () => queryClient.resetQueries() });
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const run = (action: () => void) => () => {
    onOpenChange(false);
    setText('');
    action();
  };
  const asin = text.trim().toUpperCase();
  const others = Object.entries(LANGUAGES).filter(([code]) => code !== language);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('palette.title')}
      hideTitle
      className="top-[12vh]"
    >
      <Command label={t('palette.title')} className="flex min-h-0 flex-col">
        <div className="flex items-center gap-2.5 border-b px-4">
          <Search aria-hidden className="size-4 text-muted" />
          <Command.Input
            value={text}
            onValueChange={setText}
            placeholder={t('palette.placeholder')}
            className="h-12 w-full bg-transparent outline-none placeholder:text-muted"
          />
        </div>
        <Command.List className="max-h-[50vh] overflow-y-auto p-2 [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:text-xs">
          <Command.Empty className="px-3 py-8 text-center text-muted">{t('palette.nothing')}</Command.Empty>
          {ASIN.test(asin) && (
            <Command.Group heading={t('palette.product')}>
              <Command.Item
                className={ITEM}
                value={asin}
                onSelect={run(() => navigate({ to: '/discover', search: (old) => ({ ...old, asin }) }))}
              >
                <Search /> {t('palette.openProduct', { asin })}
              </Command.Item>
            </Command.Group>
          )}
          <Command.Group heading={t('palette.pages')}>
            {PAGES.map((page) => (
              <Command.Item key={page.to} className={ITEM} onSelect={run(() => navigate({ to: page.to }))}>
                <page.icon /> <span className="flex-1">{t(`nav.${page.name}`)}</span>
                <Key>g</Key>
                <Key>{page.key}</Key>
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading={t('nav.system')}>
            {SYSTEM_PAGES.filter((page) => reaches(role, page.needs)).map((page) => (
              <Command.Item key={page.to} className={ITEM} onSelect={run(() => navigate({ to: page.to }))}>
                <Settings2 /> {t(`system.pages.${page.name}`)}
              </Command.Item>
            ))}
          </Command.Group>
          <Command.Group heading={t('palette.commands')}>
            {reaches(role, 'member') && (
              <>
                <Command.Item className={ITEM} onSelect={run(() => navigate({ to: '/discover' }))}>
                  <Compass /> {t('dashboard.search')}
                </Command.Item>
                <Command.Item
                  className={ITEM}
                  onSelect={run(() => navigate({ to: '/sourcing', search: { tab: 'jobs' } }))}
                >
                  <Plus /> {t('palette.jobs')}
                </Command.Item>
              </>
            )}
            <Command.Item className={ITEM} onSelect={run(onKeys)}>
              <Keyboard /> <span className="flex-1">{t('keys.title')}</span>
              <Key>?</Key>
            </Command.Item>
            {session?.setup_possible && (
              <Command.Item className={ITEM} onSelect={run(() => navigate({ to: '/setup' }))}>
                <UserPlus /> {t('users.first')}
              </Command.Item>
            )}
            {session?.user && (
              <Command.Item className={ITEM} onSelect={run(() => logOut.mutate({}))}>
                <LogOut /> {t('account.logOut')}
              </Command.Item>
            )}
          </Command.Group>
          <Command.Group heading={t('palette.appearance')}>
            <Command.Item className={ITEM} onSelect={run(() => setTheme('light'))}>
              <Sun /> {t('theme.light')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={run(() => setTheme('dark'))}>
              <MoonStar /> {t('theme.dark')}
            </Command.Item>
            <Command.Item className={ITEM} onSelect={run(() => setTheme('system'))}>
              <SunMoon /> {t('theme.system')}
            </Command.Item>
            {others.map(([code, name]) => (
              <Command.Item key={code} className={ITEM} onSelect={run(() => setLanguage(code as Language))}>
                <Languages /> {name}
              </Command.Item>
            ))}
          </Command.Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}
