import { useQuery } from '@tanstack/react-query';
import { Command } from 'cmdk';
import { Check, ChevronDown } from 'lucide-react';
import { useMemo, useState } from 'react';
import { listCategoriesOptions } from '@/api/gen/@tanstack/react-query.gen';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { useI18n } from '@/i18n';

/** Rows shown at once; more are found by typing. */
const MOST_SHOWN = 60;

type Props = {
  id: string;
  'aria-invalid'?: boolean | undefined;
  'aria-describedby'?: string | undefined;
  market: string;
  /** Keepa's id, or a name. */
  value: number | string;
  onChange: (category: number) => void;
};

/** The marketplace's categories, found by a part of their name; 0 is all of them. */
export function CategoryPicker({ market, value: given, onChange, id, ...attributes }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const categories = useQuery({
    ...listCategoriesOptions({ query: { marketplace: market } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const names = useMemo(() => new Map(categories.data?.map((one) => [one.id, one.name])), [categories.data]);
  const same = (name: string) => typeof given === 'string' && name.toLowerCase() === given.toLowerCase();
  const value = typeof given === 'number' ? given : categories.data?.find((one) => same(one.name))?.id;
  const wanted = text.trim().toLowerCase();
  const found = (categories.data ?? []).filter(
    (one) => !wanted || one.name.toLowerCase().includes(wanted) || String(one.id) === wanted,
  );
  const choose = (category: number) => {
    onChange(category);
    setOpen(false);
    setText('');
  };
  const name = value === 0 ? t('discover.allCategories') : ((value && names.get(value)) ?? String(given));
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger
        id={id}
        {...attributes}
        className="flex h-9 w-full min-w-0 items-center justify-between gap-2 rounded-lg border border-edge/70 bg-panel px-3 text-left hover:border-edge"
        data-testid="category"
      >
        <span className="truncate">{name}</span>
        <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />
      </PopoverTrigger>
      <PopoverContent className="w-80 max-w-[calc(100vw-2rem)] p-0" aria-label={t('discover.category')}>
        <Command shouldFilter={false} label={t('discover.category')}>
          <Command.Input
            value={text}
            onValueChange={setText}
            placeholder={t('discover.categorySearch')}
            className="h-11 w-full border-b bg-transparent px-3.5 outline-none placeholder:text-muted"
          />
          <Command.List className="max-h-72 overflow-y-auto p-1.5">
            <Command.Empty className="px-3 py-6 text-center text-muted">
              {categories.isPending ? t('common.loading') : t('discover.noCategory')}
            </Command.Empty>
            {!wanted && <Item name={t('discover.allCategories')} id={0} value={value} choose={choose} />}
            {found.slice(0, MOST_SHOWN).map((one) => (
              <Item
                key={one.id}
                id={one.id}
                name={one.name}
                of={one.root === one.id ? undefined : names.get(one.root)}
                value={value}
                choose={choose}
              />
            ))}
          </Command.List>
        </Command>
      </PopoverContent>
    </Popover>
  );
}

type ItemProps = {
  id: number;
  name: string;
  of?: string | undefined;
  value: number | undefined;
  choose: (id: number) => void;
};

function Item({ id, name, of, value, choose }: ItemProps) {
  return (
    <Command.Item
      value={String(id)}
      onSelect={() => choose(id)}
      className="flex items-center gap-2 rounded-lg px-2.5 py-1.5 data-[selected=true]:bg-raised"
    >
      <span className="min-w-0 flex-1 truncate">
        {name} {of && <span className="text-muted text-xs">{of}</span>}
      </span>
      {id === value && <Check aria-hidden className="size-4 shrink-0 text-accent" />}
    </Command.Item>
  );
}
