import { Key } from '@/components/ui/bits';
import { Dialog } from '@/components/ui/dialog';
import { useI18n } from '@/i18n';
import { PAGES } from './pages';

/** What `?` shows: every key there is. */
export default function Keys({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const { t } = useI18n();
  const groups = [
    {
      name: t('keys.everywhere'),
      keys: [
        [['Ctrl', 'K'], t('keys.palette')],
        [['?'], t('keys.help')],
        [['Esc'], t('keys.close')],
        ...PAGES.map((page) => [['g', page.key], t(`nav.${page.name}`)] as const),
      ],
    },
    {
      name: t('keys.lists'),
      keys: [
        [['j'], t('keys.down')],
        [['k'], t('keys.up')],
        [['Enter'], t('keys.open')],
        [['x'], t('keys.select')],
      ],
    },
    {
      name: t('keys.picks'),
      keys: [
        [['b'], t('sourcing.keys.b')],
        [['o'], t('sourcing.keys.o')],
        [['w'], t('sourcing.keys.w')],
        [['x'], t('sourcing.keys.x')],
        [['n'], t('sourcing.keys.n')],
        [['u'], t('sourcing.keys.u')],
      ],
    },
  ] as const;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('keys.title')}>
      <div className="grid gap-5">
        {groups.map((group) => (
          <section key={group.name}>
            <h3 className="mb-2 font-medium text-muted text-xs">{group.name}</h3>
            <dl className="grid gap-1.5">
              {group.keys.map(([keys, text]) => (
                <div key={keys.join(' ')} className="flex items-center justify-between gap-4">
                  <dd>{text}</dd>
                  <dt className="flex gap-1">
                    {keys.map((key) => (
                      <Key key={key}>{key}</Key>
                    ))}
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
