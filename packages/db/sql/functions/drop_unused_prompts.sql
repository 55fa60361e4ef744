-- Deletes the prompts to which no call refers any more. Runs after the deletion of calls, which also deletes their
-- references.
create or replace function call_ledger.drop_unused_prompts() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- Whoever refers to one meanwhile is waited for, and seen by the next statement.
  perform from public.prompts p
  where (p.org_id, p.hash) in (select g.org_id, g.hash from gone g)
  order by p.org_id, p.hash
  for update of p;

  delete from public.prompts p
  where (p.org_id, p.hash) in (select g.org_id, g.hash from gone g)
    and not exists (select from public.call_prompts c where c.org_id = p.org_id and c.hash = p.hash);
  return null;
end
$$;
