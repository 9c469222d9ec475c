import type { List } from './types.ts';

/** Which part of a list. */
export interface Paging {
  /** 1…500. */
  limit?: number;
  cursor?: string;
}

/** Every entry of a list, page by page as they are asked for. */
export async function* everything<Query extends Paging, T>(
  read: (query: Query) => Promise<List<T>>,
  query: Query,
): AsyncGenerator<T> {
  let cursor: string | null | undefined = query.cursor;
  do {
    const page: List<T> = await read(cursor === undefined ? query : { ...query, cursor });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}
