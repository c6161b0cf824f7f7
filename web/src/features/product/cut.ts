/** Cuts a history to a range, keeping the value that was in force at its beginning. */
export function cut(points: (number | null)[][], from: number, to: number): [number[], (number | null)[]] {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let before: number | null | undefined;
  for (const [time, value = null] of points) {
    if (time == null || time > to) continue;
    if (time < from) {
      before = value;
      continue;
    }
    if (times.length === 0 && before !== undefined && time > from) {
      times.push(from);
      values.push(before);
    }
    times.push(time);
    values.push(value);
  }
  if (times.length === 0 && before !== undefined) {
    times.push(from);
    values.push(before);
  }
  // What was in force last is in force until now.
  if (times.length > 0 && (times.at(-1) ?? to) < to) {
    times.push(to);
    values.push(values.at(-1) ?? null);
  }
  return [times, values];
}
