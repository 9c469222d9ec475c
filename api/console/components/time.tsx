import { duration, moment } from '../format.ts';

/** A moment in this machine's zone; an en dash for none. With `ago`, how far it is from now as well. */
export function Time({ at, ago }: { readonly at: string | null | undefined; readonly ago?: boolean }) {
  if (at === null || at === undefined) return <>–</>;
  const date = new Date(at);
  const distance = Date.now() - date.getTime();
  const far = distance < 0 ? `in ${duration(-distance)}` : `${duration(distance)} ago`;
  return (
    <time dateTime={at} title={at}>
      {moment(date)}
      {ago === true ? <span class="quiet"> ({far})</span> : null}
    </time>
  );
}
