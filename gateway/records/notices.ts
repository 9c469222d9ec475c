import { parseId } from '../fax/ids.ts';
import type { Notice, Notices } from '../ports/notices.ts';
import type { Link } from './link.ts';

const CHANNEL = 'sealfax_notices';

/** Notices over the records' own LISTEN/NOTIFY connection. */
export function createNotices(link: Link): Notices {
  return {
    tell: (notice) => link.tell(CHANNEL, written(notice)),
    hear: (heard, again) => {
      link.open();
      return link.hear(
        CHANNEL,
        (payload) => {
          const notice = read(payload);
          if (notice !== undefined) heard(notice);
        },
        again,
      );
    },
  };
}

function written(notice: Notice): string {
  return notice.about === 'access' ? notice.about : `${notice.about} ${notice.fax}`;
}

/** Undefined for what a later release may say. */
function read(payload: string): Notice | undefined {
  const [about, id = ''] = payload.split(' ', 2);
  if (about === 'access') return { about };
  const fax = parseId('fax', id);
  if (fax === undefined || (about !== 'cancel' && about !== 'wiped')) return undefined;
  return { about, fax };
}
