import type {
  Breaker,
  BreakerChange,
  CarrierEvidence,
  CarrierFigures,
  CarrierHealthRecords,
} from '../ports/carrier-health.ts';
import { note } from './audit.ts';
import type { Database } from './database.ts';

/** How long changes of breakers are told, ms: a quarter of a year. */
const HISTORY = 90 * 86_400_000;

/**
 * How well carriers work, on PostgreSQL: read from the CDRs, so that all processes see the same. The time of a look is
 * a range of the CDRs' primary key; nothing is counted while calls end.
 */
export function createCarrierHealthRecords(database: Database): CarrierHealthRecords {
  return {
    figures: (names, since, faults) => database.rows<CarrierFigures>(FIGURES, [names, since, faults]),
    async evidence(names, since, { good, fault }) {
      const rows = await database.rows<EvidenceRow>(EVIDENCE, [names, since, good, fault]);
      return rows.map(({ carrier, phase, changedAt, until, rest, reason, version, ...seen }) => ({
        ...seen,
        carrier,
        breaker: { carrier, phase, since: changedAt, until, rest, reason, version },
      }));
    },
    breakers: (names) => database.rows<Breaker>(`${BREAKERS} order by place`, [names]),
    changeBreaker: (from, change, actor, now) =>
      database.transaction(async (tx) => {
        const { carrier } = from;
        const { phase, until, rest, reason, figures } = change;
        const changed = await tx.change(
          `insert into carrier_breakers as b (carrier, phase, since, until, rest, reason, version)
           values ($1, $2, $3, $4, $5, $6, 1)
           on conflict (carrier) do update set phase = $2, since = $3, until = $4, rest = $5, reason = $6,
             version = b.version + 1 where b.version = $7`,
          [carrier, phase, now, until, rest, reason, from.version],
        );
        if (changed === 0) return false;
        await tx.change(
          'insert into carrier_breaks (carrier, at, phase, until, reason, by, figures) values ($1, $2, $3, $4, $5, $6, $7)',
          [carrier, now, phase, until, reason, actor.who, figures === null ? null : JSON.stringify(figures)],
        );
        await tx.change('delete from carrier_breaks where carrier = $1 and at < $2', [carrier, now - HISTORY]);
        await note(tx, actor, null, `carrier.${phase === 'open' ? 'break' : 'mend'}`, carrier, { reason, until }, now);
        return true;
      }),
    breaks: (carrier, limit) =>
      database.rows<BreakerChange>(
        `select at, phase, until, reason, by, figures from carrier_breaks where carrier = $1
         order by at desc, id desc limit $2`,
        [carrier, limit],
      ),
  };
}

type EvidenceRow = Omit<CarrierEvidence, 'breaker'> & Omit<Breaker, 'since'> & { readonly changedAt: number };

/** Breakers of the carriers named in $1; who has none yet is closed. */
const BREAKERS = `select n.name as carrier, coalesce(b.phase, 'closed') as phase, coalesce(b.since, 0) as since, b.until,
    coalesce(b.rest, 0) as rest, coalesce(b.reason, '') as reason, coalesce(b.version, 0) as version
  from unnest($1::text[]) with ordinality as n(name, place) left join carrier_breakers b on b.carrier = n.name`;

/** Outbound calls over the carriers named in $1 that ended after $2. */
const RECENT = `from cdrs d where d.ended_at > $2 and d.carrier = any($1) and d.direction = 'outbound' and d.call is not null`;

/** A carrier that takes a whole file passes gate 2 before it calls anybody: what was answered is said by the cause as well. */
const FIGURES = `with recent as materialized (
    select d.carrier, d.ended_at, d.result, d.cause, (d.line ->> 't38')::boolean as t38,
      case when d.billable then d.answered_at - d.started_at end as answer ${RECENT}
  ), causes as (
    select carrier, jsonb_object_agg(cause, calls) as causes from (
      select carrier, cause, count(*) as calls from recent group by carrier, cause) counted group by carrier
  )
  select count(r.carrier) as calls, count(*) filter (where r.result = 'ok') as delivered, count(r.answer) as answered,
    count(r.answer) filter (where r.cause in ('training_failed', 'negotiation_failed')) as unfit,
    count(*) filter (where r.t38) as "overT38", count(*) filter (where not r.t38) as "overAudio",
    count(*) filter (where r.cause = any($3)) as faults,
    percentile_disc(0.5) within group (order by r.answer) as "answerMedian",
    percentile_disc(0.95) within group (order by r.answer) as "answerP95",
    max(r.ended_at) filter (where r.result = 'ok') as "lastDeliveredAt", coalesce(c.causes, '{}') as causes
  from unnest($1::text[]) with ordinality as n(name, place) left join recent r on r.carrier = n.name
    left join causes c on c.carrier = n.name
  group by n.name, n.place, c.causes order by n.place`;

/** Of calls whose cause is good ($3) or a fault ($4). */
const EVIDENCE = `with breaker as (
    ${BREAKERS}
  ), recent as materialized (
    select d.carrier, d.account, d.fax, d.ended_at, d.cause, d.detail, d.cause = any($3) as good,
      case when b.phase = 'open' then d.started_at >= b.until else d.ended_at > b.since end as counts
    from (select d.* ${RECENT} and d.cause = any($3::text[] || $4::text[])) d join breaker b on b.carrier = d.carrier
  ), last as (
    select carrier, max(ended_at) filter (where good) as good_at,
      max(ended_at) filter (where good and counts) as counted_at from recent group by carrier
  )
  select b.carrier, b.phase, b.since as "changedAt", b.until, b.rest, b.reason, b.version,
    count(*) filter (where r.counts and r.good) as good, count(*) filter (where r.counts and not r.good) as faults,
    count(distinct r.fax) filter (where r.counts and not r.good and r.ended_at > coalesce(l.counted_at, 0)) as "inRow",
    count(distinct r.account) as accounts, count(distinct r.account) filter (where r.counts and not r.good) as failing,
    l.good_at as "lastGoodAt",
    (select jsonb_build_object('cause', f.cause, 'detail', f.detail) from recent f
     where f.carrier = b.carrier and f.counts and not f.good order by f.ended_at desc limit 1) as "lastFault"
  from unnest($1::text[]) with ordinality as n(name, place) join breaker b on b.carrier = n.name
    left join recent r on r.carrier = b.carrier left join last l on l.carrier = b.carrier
  group by n.place, b.carrier, b.phase, b.since, b.until, b.rest, b.reason, b.version, l.good_at
  order by n.place`;
