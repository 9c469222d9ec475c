/**
 * Sums of closed days and months over all accounts together: reports that tell no accounts apart read some hundred rows
 * for a day and not one for each of its customers. They are made from the sums, hours after their day, and stand while its
 * mark does. A call that ends in an old day (its carrier was silent, a clock was wrong) takes the mark of the day, and that
 * of its month, away in the transaction that writes it: the lock keeps it from doing so while the day is being added up. Only a transaction that was open for more
 * than four hours could slip through between the two limits of 26 and 30 hours.
 */
export const CDR_ROLLS = `
create table cdr_rolls (
  unit text not null check (unit in ('day', 'month')),
  slot bigint not null,
  direction text not null,
  carrier text not null,
  cause text not null,
  result text not null,
  country text not null,
  cdrs bigint not null,
  calls bigint not null,
  pages bigint not null,
  billable_calls bigint not null,
  billable_seconds bigint not null,
  cost bigint not null,
  unpriced_calls bigint not null,
  primary key (unit, slot, direction, carrier, cause, result, country)
);
create table cdr_rolled (
  unit text not null check (unit in ('day', 'month')),
  slot bigint not null,
  primary key (unit, slot)
);

-- Of whoever owns the tables: a statement of one account may write late, and sees nothing of these.
create function cdr_sum_is_late() returns trigger language plpgsql security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock_shared(x'53465852'::int);
  delete from cdr_rolled where unit = 'day' and slot = new.slot or unit = 'month' and slot =
    (extract(epoch from date_trunc('month', to_timestamp(new.slot / 1000) at time zone 'UTC')) * 1000)::bigint;
  return null;
end $$;

create trigger late after insert or update on cdr_sums for each row
  when (new.unit = 'day' and new.slot < (extract(epoch from now()) * 1000)::bigint - 93600000)
  execute function cdr_sum_is_late();
`;
