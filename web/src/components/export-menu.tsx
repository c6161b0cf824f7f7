import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { download, type FileSource, type FileType } from '@/api/download';
import { useI18n } from '@/i18n';
import { say } from './say';
import { Button } from './ui/button';
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from './ui/menu';

type Props = {
  /** Asked when a format is chosen. */
  source: () => FileSource;
  /** The file's name without its ending. */
  name: string;
  /** What the file will lack. */
  note?: string | undefined;
  disabled?: boolean;
};

/** A list as a file: CSV or XLSX, written by the server. */
export function ExportMenu({ source, name, note, disabled }: Props) {
  const { t, format } = useI18n();
  const save = useMutation({
    mutationFn: (type: FileType) => download(source(), `gleaner-${name}`, type),
    onSuccess: (leftOut) => {
      if (leftOut > 0)
        say(t('export.leftOut', { count: leftOut, number: format.number(leftOut) }), undefined, 'bad');
    },
  });
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button size="sm" disabled={disabled || save.isPending} data-testid="export">
          <Download /> {t('export.button')}
        </Button>
      </MenuTrigger>
      <MenuContent>
        {note && <MenuLabel>{note}</MenuLabel>}
        <MenuItem onSelect={() => save.mutate('csv')}>CSV</MenuItem>
        <MenuItem onSelect={() => save.mutate('xlsx')}>{t('export.xlsx')}</MenuItem>
      </MenuContent>
    </Menu>
  );
}
