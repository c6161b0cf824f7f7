import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, FolderDown, FolderUp } from 'lucide-react';
import { type ChangeEvent, useRef } from 'react';
import { download } from '@/api/download';
import { importNichesMutation } from '@/api/gen/@tanstack/react-query.gen';
import type { NicheFile } from '@/api/gen/types.gen';
import { zNicheFile } from '@/api/gen/zod.gen';
import { ApiError } from '@/api/problem';
import { useMay } from '@/api/role';
import { say } from '@/components/say';
import { Button } from '@/components/ui/button';
import { Menu, MenuContent, MenuItem, MenuTrigger } from '@/components/ui/menu';
import { useI18n } from '@/i18n';
import { forgetNiches } from './keys';

/** No file of niches is larger, in bytes. */
const MOST_BYTES = 4_000_000;

async function readNiches(file: File): Promise<NicheFile> {
  const wrong = (detail: string) => new ApiError('no_niche_file', 0, detail);
  if (file.size > MOST_BYTES) throw wrong(file.name);
  let json: unknown;
  try {
    json = JSON.parse(await file.text());
  } catch {
    throw wrong(file.name);
  }
  const read = zNicheFile.safeParse(json);
  if (!read.success) throw wrong(file.name);
  return read.data as NicheFile;
}

/** All niches into a file, and niches out of one: to take them elsewhere, or to hand them on. */
export function NicheFiles() {
  const { t, format } = useI18n();
  const client = useQueryClient();
  const may = useMay('member');
  const input = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: () => download({ url: '/api/v1/niches/export' }, 'gleaner-niches', 'json'),
  });
  const load = useMutation({
    ...importNichesMutation(),
    onSuccess: ({ created, unchanged }) => {
      say(
        t('niches.imported', {
          created: format.number(created.length),
          unchanged: format.number(unchanged.length),
        }),
      );
      return forgetNiches(client);
    },
  });
  const read = useMutation({ mutationFn: readNiches, onSuccess: (body) => load.mutate({ body }) });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file can be chosen again.
    event.target.value = '';
    if (file) read.mutate(file);
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        className="hidden"
        tabIndex={-1}
        aria-label={t('niches.import')}
        onChange={choose}
      />
      <Menu>
        <MenuTrigger asChild>
          <Button
            size="icon"
            aria-label={t('niches.files')}
            disabled={save.isPending || read.isPending || load.isPending}
            data-testid="niche-files"
          >
            <Ellipsis />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem disabled={!may} onSelect={() => input.current?.click()}>
            <FolderUp /> {t('niches.import')}
          </MenuItem>
          <MenuItem onSelect={() => save.mutate()}>
            <FolderDown /> {t('niches.exportFile')}
          </MenuItem>
        </MenuContent>
      </Menu>
    </>
  );
}
