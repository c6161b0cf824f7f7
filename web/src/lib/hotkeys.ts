import { useEffect, useRef } from 'react';

/** Whether a key is meant for a text that is being written, or for an open dialog. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) ||
    target.closest('[role="dialog"],[role="menu"]') !== null
  );
}

/** Two keys of one command may be this far apart, in milliseconds. */
const PAUSE = 900;

/** Keys, or two of them in a row (`g d`), and what they do while the component is shown. */
export function useHotkeys(keys: Record<string, () => void>, enabled = true) {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!enabled) return;
    let before = { key: '', at: 0 };
    const listener = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      const pair = event.timeStamp - before.at < PAUSE ? `${before.key} ${event.key}` : '';
      before = { key: event.key, at: event.timeStamp };
      const run = current.current[pair] ?? current.current[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, [enabled]);
}
