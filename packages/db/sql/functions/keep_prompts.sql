-- Stores the prompts of a batch, each once for an organization, and the references of calls to them. The caller holds
-- the calls' locks. Prompts are shared by many calls, so they are locked last and in one order. prompts: by event, a
-- JSON array of {hash, text}.
create or replace function call_ledger.keep_prompts(org_ids uuid[], call_ids uuid[], prompts jsonb[]) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  news jsonb;
  wanted integer;
  locked integer;
begin
  select jsonb_agg(distinct jsonb_build_object(
      'org_id', k.org_id, 'call_id', k.call_id, 'hash', p.hash, 'text', p.text)),
    count(distinct (k.org_id, p.hash))
    into news, wanted
  from unnest(org_ids, call_ids, prompts) as k (org_id, call_id, prompts)
  cross join lateral jsonb_to_recordset(k.prompts) as p (hash text, text text)
  where not exists (
    select from public.call_prompts c
    where c.org_id = k.org_id and c.call_id = k.call_id and c.hash = p.hash);
  if wanted = 0 then return; end if;

  -- The last call that referred to a prompt may be deleted meanwhile, and the prompt with it; then it is stored anew.
  loop
    insert into public.prompts (org_id, hash, text)
    select distinct on (n.org_id, n.hash) n.org_id, n.hash, n.text
    from jsonb_to_recordset(news) as n (org_id uuid, hash text, text text)
    order by n.org_id, n.hash
    on conflict (org_id, hash) do nothing;

    select count(*) into locked
    from (
      select from public.prompts p
      where (p.org_id, p.hash) in (
        select n.org_id, n.hash from jsonb_to_recordset(news) as n (org_id uuid, hash text))
      order by p.org_id, p.hash
      for key share of p) l;
    exit when locked = wanted;
  end loop;

  insert into public.call_prompts (org_id, call_id, hash)
  select distinct n.org_id, n.call_id, n.hash
  from jsonb_to_recordset(news) as n (org_id uuid, call_id uuid, hash text)
  order by 1, 2, 3
  on conflict do nothing;
end
$$;

grant execute on function call_ledger.keep_prompts(uuid[], uuid[], jsonb[]) to call_ledger_definer;
