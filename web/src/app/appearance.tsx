import { Languages, MoonStar, Sun, SunMoon } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Menu, MenuCheck, MenuContent, MenuLabel, MenuSeparator, MenuTrigger } from '@/components/ui/menu';
import { LANGUAGES, type Language, setLanguage, useI18n } from '@/i18n';
import { setTheme, type Theme, useTheme } from '@/lib/theme';

const THEMES = { light: Sun, dark: MoonStar, system: SunMoon } as const;

/** Theme and language. */
export default function Appearance({ open }: { open: boolean }) {
  const { t, language } = useI18n();
  const { theme } = useTheme();
  const Icon = THEMES[theme];
  return (
    <Menu defaultOpen={open}>
      <MenuTrigger asChild>
        <Button kind="ghost" size="icon" aria-label={t('nav.appearance')}>
          <Icon />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuLabel>{t('theme.label')}</MenuLabel>
        {(Object.keys(THEMES) as Theme[]).map((one) => (
          <MenuCheck key={one} checked={theme === one} onSelect={() => setTheme(one)}>
            {t(`theme.${one}`)}
          </MenuCheck>
        ))}
        <MenuSeparator />
        <MenuLabel className="flex items-center gap-1.5 px-2.5 py-1 font-medium text-muted text-xs">
          <Languages className="size-3.5" /> {t('nav.language')}
        </MenuLabel>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <MenuCheck key={code} checked={language === code} onSelect={() => setLanguage(code as Language)}>
            {name}
          </MenuCheck>
        ))}
      </MenuContent>
    </Menu>
  );
}
